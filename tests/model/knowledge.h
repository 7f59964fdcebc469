// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "msg/messenger.h"

namespace msg::test {

/// What a user's device knows, all of it: as sync and events told it, or as the lists do.
struct Knowledge {
  struct Chat {
    std::string title{};
    ConversationKind kind{};
    std::map<Seq, Message> messages{};
    std::map<UserId, Member> members{};
    std::optional<Seq> unread_from{};
    std::vector<Seq> pinned{};       ///< The latest pin last.
    std::vector<SeqRange> gaps{};    ///< Told of, or told to have changed, and not read yet.
    bool has_unread_members{false};  ///< They are still to be listed.
  };

  UserId user{};
  std::string cursor{};
  bool sees_reads{true};  ///< The user's own switch, as the device knows it.
  std::map<ConversationId, Chat> chats{};

  /// One line for each fact, unread counts recounted from the messages. Nothing may be left to
  /// read. Of what the user deleted for themselves only that it is.
  std::string text() const;
};

/// Two texts of what is known; the first lines that differ.
testing::AssertionResult is_same(const std::string& actual, const std::string& expected);

/// Asked from the lists and histories alone. The cursor is that of this moment.
Result<Knowledge> look_up(Messenger& messenger, UserId user);

/// All pages of the list.
Result<void> list_members(Messenger& messenger, UserId user, ConversationId conversation,
                          Knowledge::Chat& chat);

/// Messages of others behind the own watermark, or the mark before it, counted one by one.
std::int64_t count_unread(const Knowledge::Chat& chat, UserId user);
/// What of a view differs from what is recounted; empty: nothing.
std::string find_miscount(const Knowledge::Chat& chat, UserId user, const ConversationView& view);

}  // namespace msg::test
