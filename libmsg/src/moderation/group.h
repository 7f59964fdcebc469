// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commit/batch.h"
#include "messenger/policy.h"

namespace msg {

/// A group as a member finds it who may do that.
struct Found {
  ConversationRow* conversation{};
  MemberRow* actor{};
};

/// not_found: the actor may not know of it.
Result<Found> find_for(Batch& batch, UserId actor, ConversationId id, Act act);

}  // namespace msg
