// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/screen.h"
#include "msg/changes.h"
#include "msg/requests.h"
#include "msg/types.h"

namespace msg::test {

/// A watermark rose to `up_to` at `at`.
struct Rise {
  Seq up_to{};
  Time at{};
};

/// To whom something is shown.
struct Reader {
  UserId user{};
  bool sees_reads{true};
};

/// All that the model knows of a user in a conversation.
struct RoomMember {
  Member shown;                     ///< As its own user sees it, but for its version.
  Seq told_read{};                  ///< What others see of `read`.
  std::optional<Time> hidden_at{};  ///< When something was read that others do not see.
  std::optional<Seq> unread_from{};
  Version own_version{};  ///< Of the last change that others do not see.
  Version came_or_left{};
  std::vector<Rise> delivered;  ///< Since joining, and all of them: a model may grow.
  std::vector<Rise> read;       ///< Of what others see.

  Version newest() const { return std::max(shown.version, own_version); }
  Member show_to(const Reader& reader) const;
};

/// All that the model knows of a conversation: what it says, who is or was in it.
struct Room {
  Conversation conversation;  ///< last_seq and member_count are counted when asked for.
  Version activity{};
  std::vector<Message> messages;                   ///< As they are now. The first has seq 1.
  std::vector<Draft> drafts;                       ///< As they were sent.
  std::map<Seq, std::vector<Revision>> revisions;  ///< All that ever were.
  std::map<Seq, std::map<UserId, std::vector<std::string>>> reactions;
  std::vector<Seq> pins;  ///< In the order of pinning.
  std::map<UserId, RoomMember> members;

  Seq last_seq() const { return Seq{static_cast<std::int64_t>(messages.size())}; }
  const RoomMember* find_member(UserId user) const;
  const RoomMember* find_active(UserId user) const;
  std::int64_t active_count() const;
  std::int64_t owner_count() const;

  Conversation show() const;
  /// As one member sees it: of a former one, as it was then and without what others still have.
  ConversationView view_of(const RoomMember& self) const;
  Chat chat_of(const RoomMember& self, const Reader& reader) const;
  /// The messages that the member may read, oldest first.
  std::vector<Message> readable_by(const RoomMember& self) const;
  /// As it was when a former member left, so far as that is still known.
  Message as_of(Message message, Version left) const;
  /// Minimum over the recipients.
  MessageStatus status_of(const Message& message, const Reader& reader) const;
};

bool is_recipient_of(const RoomMember& member, const Message& message);
MessageState state_with(const RoomMember& member, Seq seq, const Reader& reader);

}  // namespace msg::test
