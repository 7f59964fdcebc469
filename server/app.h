// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "config.h"
#include "net/server.h"

namespace msgd {

/// The whole server, put together: the store, what works on it, and the network in front.
///
///   Server -> Dispatcher -> handlers -+
///     '----> LiveHub -> LiveSession --+-> Messenger
///
/// Thread safety: none, one thread.
class App {
 public:
  /// Opens the store. The error is a sentence for the operator.
  static std::expected<std::unique_ptr<App>, std::string> open(Config config);
  ~App();  ///< Stops at once.
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  /// Begins to listen. With `dev` also makes its users and tells about them on stdout.
  std::expected<BoundAddress, std::string> start();

  /// Takes over what may change while it runs: the certificate and its key. Logs what came of it.
  void reload();

  /// Not ready any more, then no new connections, then what is under way is finished; at most
  /// ServerOptions::drain_timeout. Then everything is closed, the store last.
  void stop();

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace msgd
