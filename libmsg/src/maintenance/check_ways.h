// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Whether each row that is found by something else than its id is found by that, and whether
/// everything that leads to a row leads to the right one: phone numbers, usernames, tokens,
/// secrets, pairs of users, memberships.
Result<void> check_ways(Snapshot& snapshot, Findings& findings);

}  // namespace msg
