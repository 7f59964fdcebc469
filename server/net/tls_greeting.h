// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/context.h"
#include "net/http_head.h"
#include "net/io_thread.h"
#include "net/net_stream.h"

namespace msgd {

/// A connection to a port that speaks TLS, until the handshake is done and it becomes an
/// HttpSession. Within head_timeout, like a request. Who begins in plain HTTP is told so, and
/// neither redirected nor answered: what it sends has crossed the network in the clear already.
///
/// Lifetime: kept by its pending operation. Thread safety: everything on its I/O thread.
class TlsGreeting final : public std::enable_shared_from_this<TlsGreeting>,
                          private TimerEntry,
                          private ConnectionHook {
 public:
  TlsGreeting(std::shared_ptr<ServerContext> context, IoThread& io, TcpSocket socket,
              Admission::Ticket ticket, const IpAddress& peer);

  /// First call, on the I/O thread.
  void start();

 private:
  void on_timer(TimePoint now) override;
  void begin_drain() override;
  void abort() override;

  void wait_first_byte();
  void look_at_first_byte();
  void shake_hands();
  void become_http(NetStream stream, const HttpFault* refusal);
  void fail(const char* why);

  std::shared_ptr<ServerContext> context_;
  IoThread& io_;
  std::optional<TcpSocket> socket_;  // until the first byte
  std::optional<NetStream> stream_;  // from then on
  std::optional<Admission::Ticket> ticket_;
  const IpAddress peer_;
};

}  // namespace msgd
