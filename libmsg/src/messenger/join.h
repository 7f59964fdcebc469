// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commit/batch.h"
#include "messenger/view.h"

namespace msg {

/// Makes the user an active member, for the first time or again, and leaves the event. A direct
/// conversation is visible from its first message, a group from the next one, or as its rules say.
Result<MemberRow*> join(Batch& batch, ConversationRow& conversation, UserId user, Role role);

/// conflict: the group is full.
Result<void> require_room(const ConversationRow& conversation, std::int64_t limit);

/// Ends an active membership. What was readable stays so, nothing later becomes so.
Result<void> leave(Batch& batch, ConversationRow& conversation, MemberRow& member);

/// Leaves the conversation's event, which follows those of its members.
void announce(Batch& batch, ConversationRow& conversation);

/// Tells of a member; what only its own user sees of it, only to that user.
void emit_member(Batch& batch, const MemberRow& member);

}  // namespace msg
