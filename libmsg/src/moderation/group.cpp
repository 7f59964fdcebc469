// SPDX-License-Identifier: Apache-2.0
#include "moderation/group.h"

#include "messenger/view.h"

namespace msg {

Result<Found> find_for(Batch& batch, UserId actor, ConversationId id, Act act) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(id));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(id, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(may(act, *conversation, *member));
  return Found{conversation, member};
}

}  // namespace msg
