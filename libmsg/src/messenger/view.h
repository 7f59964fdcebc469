// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "messenger/policy.h"
#include "msg/requests.h"
#include "msg/status.h"
#include "msg/types.h"
#include "store/store.h"

namespace msg {

/// From rows to what callers see, and who may see it.

/// To whom something is shown.
struct Reader {
  UserId user{};
  bool sees_reads{true};  ///< What others have read: who does not say it is not told it.
};

Conversation to_conversation(const ConversationRow& row);
/// As its own user sees it.
Member to_member(const MemberRow& row);
/// As anybody does.
Member to_member(const MemberRow& row, const Reader& reader);
/// Whether its own user sees more of it than others do.
bool has_secrets(const MemberRow& row);

/// A conversation and the reader's place in it.
struct Access {
  ConversationRow conversation;
  MemberRow self;
  std::optional<bool> read_receipts{};  ///< The reader's setting, where it is at hand.

  /// The readable part; last < first when there is none.
  Seq first_seq() const { return readable(conversation, self).first; }
  Seq last_seq() const { return readable(conversation, self).last; }
};

/// not_found unless the actor is or was a member. A former member's conversation is as it was for
/// them: without what came later, without its title, rules and members of today.
Result<Access> load_access(Snapshot& snapshot, UserId actor, ConversationId conversation);

/// The reader behind an access.
Result<Reader> make_reader(Snapshot& snapshot, const Access& access);
Result<Reader> load_reader(Snapshot& snapshot, UserId user);

/// The same as load_access() from rows that are at hand.
Access make_access(ConversationRow conversation, MemberRow self);

/// not_found: outside what the actor may read.
Result<Message> load_visible(Snapshot& snapshot, const Access& access, const MessageId& id);

/// A former member sees a message as it was when they left: what was edited later is taken back, as
/// far as its revisions go back, and is empty beyond; reactions, which are not known as they were,
/// are none. Who was there then may know that it was deleted since.
Result<void> rewind(Snapshot& snapshot, const Access& access, Message& message);
/// The newest message that the reader may see, if there can be one.
std::optional<MessageId> last_message_id(const Access& access);

/// What the reader sees of the conversation itself. Many are read by a ViewReader.
Result<ConversationView> load_view(Snapshot& snapshot, const Access& access);

/// The same with the last message at hand.
ConversationView make_view(const Access& access, std::optional<Message> last_message);

/// Messages of others that the member has not read, or has marked unread again.
std::int64_t count_unread(const ConversationRow& conversation, const MemberRow& member);

/// Messages the user has sent in the conversation, ever.
std::int64_t sent_count(const ConversationRow& conversation, const MemberRow& member);

/// Pinned messages that the reader may read.
std::vector<Seq> readable_pins(const Access& access);

/// Takes out of a message what only its sender may see.
void hide_from(Message& message, UserId reader);

std::unexpected<Error> no_such_message();
/// The error for a conversation that the actor may not know of, or that does not exist.
std::unexpected<Error> no_such_conversation();

}  // namespace msg
