// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"

namespace msg::postgres {

// Messages spread over the machines of a Citus. A commit there has two phases: what it wrote on the
// coordinator is seen, and its row locks are gone, a moment before what it wrote on the others is
// seen. Nor does a snapshot span machines: a read sees the coordinator as of its first question and
// each of the others as of the first to that one. Advisory locks of a transaction go when all
// machines have committed. So:
//
// - A commit has the lock of its writer when it begins (announce_commit). A read has fixed its view
//   of the coordinator when it first asks the others, and waits before that until each writer's
//   lock is free (await_commits): all that this view has of a writer is then there, too. It waits
//   for commits that have begun, and never for a transaction that has not come to it. Who asks the
//   coordinator alone, for a session or a list, does not wait.
// - A write locks its conversations by advisory locks as well (lock_spread_conversations).
//
// What others have committed since may be seen on the other machines and not in the view. Messages
// above a head's last_seq are not asked for; of a change one may read the outcome before sync tells
// of it.

/// Whether the messages of the store are spread.
Result<bool> is_spread(Connection& connection);

}  // namespace msg::postgres
