// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Everything that belongs to conversations, one after the other: messages without a hole, heads
/// that a recount confirms, members, time marks, change entries and idempotency keys. What belongs
/// to a conversation that does not exist is found as well.
Result<void> check_conversations(Snapshot& snapshot, const Horizon& horizon, Findings& findings);

}  // namespace msg
