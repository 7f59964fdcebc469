// SPDX-License-Identifier: Apache-2.0
#include "live/event_encoder.h"

#include <array>

#include "live/ws_protocol.h"

namespace msgd {
namespace {

struct Latest {
  std::shared_ptr<const msg::Event> event;  // kept, so that its address means this event only
  std::array<SharedFrame, 2> for_sender;    // by FrameStyle
  std::array<SharedFrame, 2> for_others;
};

const msg::Message* message_of(const msg::Event& event) {
  if (const auto* sent = std::get_if<msg::MessageEvent>(&event.body)) return &sent->message;
  if (const auto* changed = std::get_if<msg::MessageChangeEvent>(&event.body)) {
    return &changed->message;
  }
  return nullptr;
}

}  // namespace

SharedFrame event_frame(const std::shared_ptr<const msg::Event>& event, msg::UserId receiver,
                        FrameStyle style) {
  thread_local Latest latest;
  if (latest.event != event) latest = {.event = event, .for_sender = {}, .for_others = {}};
  const auto* message = message_of(*event);
  const bool own = message != nullptr && message->sender == receiver;
  auto& frames = own ? latest.for_sender : latest.for_others;
  SharedFrame& frame = frames.at(static_cast<std::size_t>(style));
  if (!frame) {
    frame = push_frame(style, event_name(*event), event->cursor,
                       event_text(*event, own ? ClientId::shown : ClientId::hidden));
  }
  return frame;
}

}  // namespace msgd
