// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "msg/types.h"

namespace msg::test {

/// What a user's device shows of one conversation.
struct Chat {
  struct Person {
    Role role{};
    Seq delivered{};
    Seq read{};
  };
  std::string title{};
  std::int64_t unread{};
  std::map<Seq, std::string> messages{};
  std::map<UserId, Person> people{};
};

/// A message as a device shows it.
inline std::string shown_text(const Message& message) {
  std::string text = message.content;
  for (const auto& [emoji, count] : message.reactions) {
    text += " " + emoji + " " + std::to_string(count);
  }
  return message.pin ? text + " pinned" : text;
}

/// And of all that the user is in.
using Screen = std::map<ConversationId, Chat>;

}  // namespace msg::test
