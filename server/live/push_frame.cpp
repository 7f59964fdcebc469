// SPDX-License-Identifier: Apache-2.0
#include "live/push_frame.h"

#include <memory>
#include <string>
#include <utility>

namespace msgd {

// event  = "event: " name LF [ "id: " cursor LF ] "data: " text LF LF
SharedFrame push_frame(FrameStyle style, std::string_view name, std::string_view cursor,
                       std::string_view text) {
  if (style == FrameStyle::websocket) return make_text_frame(text);
  std::string frame;
  frame.reserve(name.size() + cursor.size() + text.size() + 24);
  frame.append("event: ").append(name).append("\n");
  if (!cursor.empty()) frame.append("id: ").append(cursor).append("\n");
  frame.append("data: ").append(text).append("\n\n");
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace msgd
