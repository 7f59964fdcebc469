// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "msg/status.h"
#include "store/rows.h"

namespace msg {

/// What most messages, members and conversations do not have, as the bytes of one field, the same
/// in every store. Nothing at all is no bytes, so that it need not be stored. Grammar in the
/// source.
///
/// decode_ of anything that encode_ does not give is Code::corrupt and leaves the row as it was.
///
/// Thread safety: pure functions.

/// mentions, forward, reactions, pin.
std::string encode_extras(const Message& message);
Result<void> decode_extras(std::string_view bytes, Message& message);

/// Whether that is anything.
bool has_extras(const Message& message);

/// mentions, hidden, hidden_dropped_up_to, joined_after.
std::string encode_extras(const MemberRow& member);
Result<void> decode_extras(std::string_view bytes, MemberRow& member);

/// Whether a conversation has rules of its own, or somebody has something against it.
bool has_rules(const ConversationRow& conversation);

/// pins, rules, direct.
std::string encode_extras(const ConversationRow& conversation);
Result<void> decode_extras(std::string_view bytes, ConversationRow& conversation);

/// All but the key. Never without bytes.
std::string encode_annotation(const AnnotationRow& row);
Result<AnnotationRow> decode_annotation(const MessageId& message, UserId user,
                                        std::string_view bytes);

}  // namespace msg
