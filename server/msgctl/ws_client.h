// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "msgctl/endpoint.h"

namespace msgctl {

struct WsOpened {};
struct WsText {
  std::string text;
};
struct WsClosed {
  unsigned code{0};    ///< Of the close frame; 0 when there was none.
  std::string reason;  ///< Of the close frame, else what went wrong.
  int http_status{0};  ///< When the server answered the upgrade with something else than 101.
};
using WsEvent = std::variant<WsOpened, WsText, WsClosed>;

/// One WebSocket to a server, made anew by each connect(). Its I/O runs on a thread of its own;
/// events are fetched with take() whenever fd() is readable. When too many wait, nothing more is
/// read, so that the server notices.
///
/// Thread safety: all calls from one thread.
class WsClient {
 public:
  WsClient(Endpoint endpoint, std::chrono::milliseconds timeout);
  /// Says goodbye when there is a connection, and waits at most a second for it to end.
  ~WsClient();

  /// Begins a connection, which ends in WsOpened or WsClosed. The one before it says no more.
  void connect();
  /// Sends a text frame; without a connection it is dropped.
  void send(std::string text);
  /// Drops the connection; no event follows.
  void drop();

  int fd() const;
  std::vector<WsEvent> take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace msgctl
