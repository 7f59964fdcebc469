// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/push_connection.h"

namespace msgd {

/// One answer that does not end: server-sent events as the HTML standard describes them. Frames are
/// written as they are; a comment keeps the connection alive, and the last event says why it ends.
///
/// The peer has nothing to say any more; what it sends is discarded. That it is gone the kernel
/// finds out, by a comment that is not acknowledged for ws_silence_timeout.
///
/// Lifetime, thread safety: see PushConnection.
class EventStream final : public PushConnection {
 public:
  EventStream(const std::shared_ptr<ServerContext>& context, IoThread& io, NetStream stream,
              std::optional<Admission::Ticket> ticket);

  /// First call, on the I/O thread. `head`: of the response, up to and with the empty line.
  void start(const StreamFactory& make_endpoint, std::string head);

 private:
  void add_control(std::vector<SharedFrame>& /*out*/) override {}
  SharedFrame keep_alive_frame() override;
  SharedFrame closing_frame(std::uint16_t code, std::string_view reason) override;
  void take(std::span<char> /*bytes*/) override {}
  bool must_speak() const override { return false; }
};

}  // namespace msgd
