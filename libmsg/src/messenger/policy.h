// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msg/status.h"
#include "store/rows.h"

namespace msg {

/// What a member wants to do in a conversation.
enum class Act {
  look,   ///< At what only members see: members, receipts; and tell what was received.
  react,  ///< Answer without words: reactions, typing, edits of one's own messages.
  send,
  pin,
  rename,
  add,           ///< Members, invitations, answers to those who want to join.
  change_group,  ///< Its rules.
  moderate,      ///< Delete others' messages.
};

/// The one answer to who may do what, for every way into the library. permission_denied: the rules
/// say no, or the actor is no member any more. conflict: no such thing in a direct conversation.
Result<void> may(Act act, const ConversationRow& conversation, const MemberRow& actor);

/// A member, and of a group: whoever is not is told nothing of who is there.
Result<void> require_in_group(const ConversationRow& conversation, const MemberRow& actor);

/// Whether the actor may end the membership of that member, which may be their own.
Result<void> may_remove(const ConversationRow& conversation, const MemberRow& actor,
                        const MemberRow& member);
/// Whether the actor may make a member, who has `now`, one with `role`.
Result<void> may_change_role(const ConversationRow& conversation, const MemberRow& actor, Role now,
                             Role role);

/// Nobody gives a role above their own.
Result<void> may_give(const MemberRow& actor, Role role);

/// What of its messages somebody reads who is a member, or was: every way out keeps to it.
struct Readable {
  Seq first{};
  Seq last{};  ///< Below `first`: nothing.
  bool has(Seq seq) const { return seq >= first && seq <= last; }
};
Readable readable(const ConversationRow& conversation, const MemberRow& member);

/// Whether the member has to wait between two messages.
bool is_slowed(const ConversationRow& conversation, const MemberRow& sender);

/// How many members a group has at most.
std::int64_t members_max(const ConversationRow& conversation, std::int64_t limit);

}  // namespace msg
