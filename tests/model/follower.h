// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
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
    std::vector<SeqRange> gaps{};    ///< Told of, and not read yet.
    bool has_unread_members{false};  ///< They are still to be listed.
  };

  UserId user{};
  std::string cursor{};
  std::map<ConversationId, Chat> chats{};

  /// One line for each fact, unread counts recounted from the messages. Nothing may be left to
  /// read.
  std::string text() const;
};

/// Asked from the lists and histories alone. The cursor is that of this moment.
Result<Knowledge> look_up(Messenger& messenger, UserId user);

/// A device that follows: by pages of sync, and by events in between. One thread.
class Follower {
 public:
  explicit Follower(Knowledge knowledge) : now_(std::move(knowledge)) {}

  /// One page. False: there is more.
  Result<bool> sync_page(Messenger& messenger, int limit);
  /// Reads what pages and events left to be read: gaps, members of a group just joined.
  Result<void> settle(Messenger& messenger);

  /// Takes an event in. A lost or doubled one is a complaint.
  void take(const Event& event);

  const Knowledge& knowledge() const { return now_; }
  /// Goes on from there with all that is known.
  void set_cursor(std::string cursor) { now_.cursor = std::move(cursor); }
  /// What was not as promised, in the order in which it was seen.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using Chat = Knowledge::Chat;

  void apply(const ConversationDelta& delta);
  void apply(ConversationId conversation, const MessageEvent& event);
  void apply(ConversationId conversation, const MemberEvent& event);
  void apply(ConversationId conversation, const ReceiptEvent& event);
  void apply(ConversationId conversation, const ConversationEvent& event);
  /// Kinds that change nothing here.
  template <class Other>
  void apply(ConversationId, const Other&) {}

  Result<void> read_gap(Messenger& messenger, ConversationId conversation, const SeqRange& gap);
  void put(Chat& chat, Message message) const;
  void complain(ConversationId conversation, const std::string& about);

  Knowledge now_;
  Version newest_{};  ///< Of the events taken in.
  std::vector<std::string> complaints_;
};

}  // namespace msg::test
