// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/knowledge.h"
#include "msg/messenger.h"

namespace msg::test {

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
  /// The user switched read receipts: what others have read is asked anew.
  void see_reads(bool is_told);

  const Knowledge& knowledge() const { return now_; }
  /// Goes on from there with all that is known.
  void set_cursor(std::string cursor) { now_.cursor = std::move(cursor); }
  /// What was not as promised, in the order in which it was seen.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using Chat = Knowledge::Chat;

  void apply(const ConversationDelta& delta);
  void apply(ConversationId conversation, const MessageEvent& event);
  void apply(ConversationId conversation, const MessageChangeEvent& event);
  void apply(ConversationId conversation, const HideEvent& event);
  void apply(ConversationId conversation, const MemberEvent& event);
  void apply(ConversationId conversation, const ReceiptEvent& event);
  void apply(ConversationId conversation, const UnreadEvent& event);
  void apply(ConversationId conversation, const ConversationEvent& event);
  void apply(ConversationId, const TypingEvent&) {}
  void apply(ConversationId, const PreferencesEvent&) {}  // nobody prefers anything here

  Result<void> read_gap(Messenger& messenger, ConversationId conversation, const SeqRange& gap);
  void put(Chat& chat, Message message) const;
  /// What the server says of the whole must be what the parts come to, when all are here.
  void check(const Chat& chat, const ConversationView& view);
  void complain(ConversationId conversation, const std::string& about);

  Knowledge now_;
  Version newest_{};  ///< Of the events taken in.
  std::vector<std::string> complaints_;
};

}  // namespace msg::test
