// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "http/message.h"
#include "net/options.h"
#include "net/ws_transport.h"

namespace msgd {

struct BoundAddress {
  std::string address;
  std::uint16_t port{0};
};

/// What the network layer counts, for /metrics.
struct ServerStats {
  std::size_t connections{0};  ///< Open now, sockets included.
  std::size_t websockets{0};   ///< Open now.
  std::size_t in_flight{0};    ///< Requests inside the handler now.
  std::uint64_t accepted{0};
  std::uint64_t rejected{0};     ///< Connections over a limit.
  std::uint64_t tls_refused{0};  ///< Connections that did not speak TLS as it is spoken here.
  /// When the certificate in use expires; the epoch without TLS.
  std::chrono::sys_seconds certificate_expires{};
  std::uint64_t requests{0};
  std::uint64_t overloaded{0};  ///< Requests answered 503 because of in_flight_max.
};

/// HTTP/1.1 and WebSocket on one address. Every request that reaches the handler has passed the
/// guard of docs/http-api.md; every text that reaches an endpoint is UTF-8 and within its limit.
///
/// Order of an orderly end: begin_drain(), wait_drained(), stop(). Handler and factory are called
/// on I/O threads until stop() has returned; a Responder may be called at any time after that and
/// does nothing then, likewise a WsTransport.
///
/// Thread safety: stats(), reload_tls() and draining() from any thread; the others from one.
class Server {
 public:
  Server(ServerOptions options, RequestHandler handler, WsEndpointFactory ws_factory);
  ~Server();  ///< Stops.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, listens and starts the I/O threads; logs `listening` with address and port. The error
  /// is a sentence for the operator. Also for the process: ignores SIGPIPE, raises the descriptor
  /// limit, keeps SIGINT, SIGTERM and SIGHUP for wait_for_signal().
  std::expected<BoundAddress, std::string> start();

  /// Reads certificate and key again, for the connections to come. The error is a sentence; what
  /// there was is used on then. Nothing happens without TLS.
  std::expected<void, std::string> reload_tls();

  /// No new connections; idle ones close; requests in flight are answered, the last of their
  /// connection; each WebSocket works on until its turn within ServerOptions::drain_spread, is then
  /// asked to shut down, and closed with 1012 when it has not by three quarters of drain_timeout.
  void begin_drain();
  bool draining() const;

  /// True once no connection is left, false after `limit`; App waits ServerOptions::drain_timeout.
  bool wait_drained(std::chrono::milliseconds limit);

  /// Ends what is left at once. May be repeated.
  void stop();

  ServerStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Waits for SIGINT or SIGTERM, or takes one that came since Server::start(), and returns its
/// number. From then on the signals act as usual, so a second one ends the process at once. Each
/// SIGHUP until then calls `on_hangup`. Once per process.
int wait_for_signal(const std::function<void()>& on_hangup);

}  // namespace msgd
