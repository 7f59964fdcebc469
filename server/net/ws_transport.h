// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace msgd {

/// One encoded WebSocket frame, header included; shared by all who receive it.
using SharedFrame = std::shared_ptr<const std::string>;

/// An unmasked text frame around `text`, as a server sends it (RFC 6455 §5.2).
SharedFrame make_text_frame(std::string_view text);

/// "retry_after_ms=N": the reason of a close with 1012.
std::string restart_reason(std::chrono::milliseconds reconnect_delay);

/// What a WebSocket connection offers to the protocol above it.
///
/// The outbound queue is bounded (256 frames or 1 MiB, but always at least one frame). All frames
/// queued leave in one write.
///
/// Thread safety: all calls from any thread.
class WsTransport {
 public:
  virtual ~WsTransport() = default;

  /// Queues a frame. False, and nothing queued, when the queue is full or the connection closes.
  virtual bool send(SharedFrame frame) = 0;

  /// As send(), but the frame is the first to be given up: refused once the queue is half full.
  virtual bool send_ephemeral(SharedFrame frame) = 0;

  /// Sends what is queued, then a close frame, then waits at most 5 s for the peer's.
  virtual void close(std::uint16_t code, std::string reason) = 0;

  /// The peer has shown a good token. On the connection's I/O thread.
  virtual void prove() = 0;

  /// Runs `work` on the connection's I/O thread, never at the same time as the endpoint's calls;
  /// dropped when the connection is gone.
  virtual void post(std::function<void()> work) = 0;
};

/// The protocol's side of one connection. All calls on the connection's I/O thread, one at a time.
class WsEndpoint {
 public:
  virtual ~WsEndpoint() = default;
  /// A whole text message: valid UTF-8, within the size limit.
  virtual void on_text(std::string_view text) = 0;
  /// The outbound queue has just become empty.
  virtual void on_drained() = 0;
  /// The server ends: what was begun is to be answered, nothing new to be taken, and then the
  /// connection to be closed with 1012 and restart_reason(reconnect_delay). Whoever takes too long
  /// is closed from below.
  virtual void on_shutdown(std::chrono::milliseconds reconnect_delay) = 0;
  /// Last call: the connection is gone, the transport takes nothing any more.
  virtual void on_closed() = 0;
};

/// Makes the endpoint of a connection whose upgrade request passed the guard.
using WsEndpointFactory = std::function<std::unique_ptr<WsEndpoint>(const Request& upgrade,
                                                                    std::shared_ptr<WsTransport>)>;

}  // namespace msgd
