// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "msg/types.h"
#include "msgctl/api.h"
#include "msgctl/commands.h"

namespace msgctl {

/// The conversation that is meant: a group the caller is in, or the direct one with a person, made
/// when there is none yet. bad_usage: neither was named, or both.
Outcome<msg::Conversation> find_conversation(const Api& api, const Target& target);

/// A conversation as it is now.
struct ConversationState {
  std::vector<msg::Member> members;  ///< Only the caller where the server pushes no receipts.
  std::vector<msg::Message> page;    ///< The newest messages, oldest first.
  msg::Seq before{};                 ///< Everything up to it is older than the page.
};

/// Asks for it, with at most `messages` messages.
Outcome<ConversationState> load_conversation(const Api& api, msg::ConversationId id, int messages);

}  // namespace msgctl
