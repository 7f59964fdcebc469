// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "net/asio.h"
#include "net/tls.h"

namespace msgd {

/// The bytes of one connection, plain or inside TLS. Nothing blocks: what cannot be done now says
/// `wait`, and then wait_readable() or wait_writable() tell when to try again.
///
/// Plain, a write is one sendmsg of all parts. Inside TLS, up to a record's worth of them is one
/// SSL_write, which is one record and one send.
///
/// Destroyed: the peer is told (close_notify) when nothing is half written.
///
/// Thread safety: none, the I/O thread of the socket.
class NetStream {
 public:
  enum class Status : std::uint8_t { done, wait, closed };
  struct Result {
    Status status{};
    std::size_t bytes{0};
  };

  explicit NetStream(TcpSocket socket, SslPtr ssl = {})
      : socket_(std::move(socket)), ssl_(std::move(ssl)) {}
  NetStream(NetStream&&) = default;
  NetStream& operator=(NetStream&&) = delete;
  ~NetStream();

  bool is_tls() const { return ssl_ != nullptr; }

  /// One step of the handshake of TLS, which comes before all else. `closed`: it failed.
  Result accept();

  /// `closed`: the peer has ended, or broken, the connection.
  Result read(std::span<char> into);
  /// Takes what it can of `parts`, none of which may be dropped or changed after `wait`.
  Result write(std::span<const iovec> parts);

  /// Tells the peer that nothing more comes. What it sends may still be read.
  void end_writing();

  void set_option(int level, int name, unsigned value);

  /// Calls `handler(error_code)` later, when read() or accept() is worth a try.
  template <class Handler>
  void wait_readable(Handler handler) {
    // Bytes that TLS holds decrypted do not make the socket readable.
    if (has_decrypted()) {
      return asio::post(socket_.get_executor(), [handler = std::move(handler)]() mutable {
        handler(boost::system::error_code{});
      });
    }
    socket_.async_wait(read_needs_write_ ? TcpSocket::wait_write : TcpSocket::wait_read,
                       std::move(handler));
  }
  /// The same for write().
  template <class Handler>
  void wait_writable(Handler handler) {
    socket_.async_wait(write_needs_read_ ? TcpSocket::wait_read : TcpSocket::wait_write,
                       std::move(handler));
  }

 private:
  bool has_decrypted() const;
  Result failed_read(int result);
  Result write_record(std::span<const iovec> parts);

  TcpSocket socket_;
  SslPtr ssl_;
  bool established_{false};
  bool half_written_{false};
  bool read_needs_write_{false};
  bool write_needs_read_{false};
};

}  // namespace msgd
