// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/push_connection.h"
#include "net/ws_frames.h"

namespace msgd {

/// One WebSocket connection: our own frames on the socket, no stream layer between, so that all
/// that is queued leaves in one writev and a frame for many receivers is encoded once.
///
/// After a close or a violation the peer's frames cannot be told apart any more, and are discarded.
///
/// Lifetime, thread safety: see PushConnection.
class WsSession final : public PushConnection {
 public:
  WsSession(const std::shared_ptr<ServerContext>& context, IoThread& io, NetStream stream,
            std::optional<Admission::Ticket> ticket);

  /// First call, on the I/O thread. `answer`: the bytes of the 101; `rest`: what arrived behind
  /// the upgrade request.
  void start(const Request& upgrade, std::string answer, std::string rest);

 private:
  void add_control(std::vector<SharedFrame>& out) override;
  SharedFrame keep_alive_frame() override;
  SharedFrame closing_frame(std::uint16_t code, std::string_view reason) override;
  void take(std::span<char> bytes) override;
  bool must_speak() const override { return true; }

  void take_event(const WsEvent& event);

  WsFrameParser parser_;
  SharedFrame pong_;  // only the latest is owed (RFC 6455 §5.5.3)
  const WsEndpointFactory& factory_;
};

}  // namespace msgd
