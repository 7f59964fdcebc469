// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "msg/event.h"

namespace msg {

/// That somebody types, as processes tell each other.
std::string encode_typing(ConversationId conversation, const TypingEvent& typing);
/// Nothing when it is none.
std::optional<Event> decode_typing(std::string_view word);

}  // namespace msg
