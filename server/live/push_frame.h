// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "net/ws_transport.h"

namespace msgd {

/// What a pushed text is wrapped into.
enum class FrameStyle : std::uint8_t {
  websocket,     ///< A text frame.
  event_stream,  ///< Lines of a server-sent event, with the cursor as its id.
};

/// `text` is one line of JSON; `name` its event. No `cursor`: the reader keeps the one it has.
SharedFrame push_frame(FrameStyle style, std::string_view name, std::string_view cursor,
                       std::string_view text);

}  // namespace msgd
