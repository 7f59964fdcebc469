// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/status.h"
#include "store/rows.h"

/// Rows of one conversation as bytes for a cache. Grammar in the source. decode_ of anything that
/// encode_ does not give is Code::corrupt.
///
/// Thread safety: pure functions.
namespace msg::cached {

std::string encode(const std::vector<Message>& messages);
Result<std::vector<Message>> decode_messages(ConversationId conversation, std::string_view bytes);

/// With gaps.
std::string encode(const std::vector<std::optional<Message>>& messages);
Result<std::vector<std::optional<Message>>> decode_found(ConversationId conversation,
                                                         std::string_view bytes);

/// What everybody sees of a member: its user's own side is for no one else, and changes without
/// the conversation's version.
void keep_public_part(MemberRow& member);
/// Of that part.
std::string encode(const std::vector<MemberRow>& members);
Result<std::vector<MemberRow>> decode_members(ConversationId conversation, std::string_view bytes);

std::string encode(const std::optional<Seq>& seq);
Result<std::optional<Seq>> decode_seq(std::string_view bytes);

}  // namespace msg::cached
