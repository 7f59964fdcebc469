// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.h"
#include "net/context.h"
#include "net/io_thread.h"

namespace msgd {

/// Accepts connections and deals them out to the I/O threads in turn. A connection over a limit is
/// told 503, unless TLS is spoken, and closed. Out of descriptors or memory it pauses and goes on.
///
/// Lifetime: as its I/O thread. Thread safety: open() before the threads run; the rest on the
/// first I/O thread.
class Listener {
 public:
  Listener(std::shared_ptr<ServerContext> context,
           const std::vector<std::unique_ptr<IoThread>>& threads);

  /// Binds and listens. The error is a sentence.
  std::expected<asio::ip::tcp::endpoint, std::string> open();
  void run() { wait(); }
  /// Connections still in the kernel's queue are refused by it.
  void close();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

  void wait();
  void accept_some();
  void pause(int error);
  void take(int fd, const sockaddr_storage& from);

  std::shared_ptr<ServerContext> context_;
  const std::vector<std::unique_ptr<IoThread>>& threads_;
  Acceptor acceptor_;
  asio::steady_timer retry_;
  std::chrono::milliseconds backoff_{0};
  std::size_t next_thread_{0};
};

}  // namespace msgd
