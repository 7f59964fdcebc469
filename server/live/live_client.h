// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "live/ws_protocol.h"
#include "msg/types.h"

namespace msgd {

/// Whoever is told of events as they come: a session on a WebSocket or an event stream, or a
/// request that waits. What LiveHub knows of them.
///
/// Thread safety: all calls from any thread, once it was added.
class LiveClient {
 public:
  virtual ~LiveClient() = default;

  virtual msg::UserId user() const = 0;
  virtual const msg::Principal& principal() const = 0;
  /// Ends it when its token is no longer good. False: the store did not say. May block. From one
  /// thread at a time, as is_checked().
  virtual bool check_token() = 0;
  /// Whether the token was found to be good since it was added.
  virtual bool is_checked() const = 0;
  virtual void end(WsClose code, std::string reason) = 0;
  /// The server ends. Sessions do nothing: their connection has its own turn and tells them.
  virtual void shut_down() {}
};

}  // namespace msgd
