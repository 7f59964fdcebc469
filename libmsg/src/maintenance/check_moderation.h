// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Whether a side record of moderation can be read, and what it says of two users is known where
/// it is asked for. Those of other kinds are left alone.
Result<void> check_moderation(Snapshot& snapshot, const SideRecord& record, Findings& findings);

/// Whether the head of a direct conversation says who blocks whom as their blocks do.
Result<void> check_blocks_of(Snapshot& snapshot, const ConversationRow& direct, Findings& findings);

}  // namespace msg
