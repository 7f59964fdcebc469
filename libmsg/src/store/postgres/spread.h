// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/postgres/connection.h"

namespace msg::postgres {

// Messages spread over the machines of a Citus. A commit there has two phases: what it wrote on the
// coordinator is seen, and its row locks are gone, a moment before what it wrote on the others is
// seen. Nor does a snapshot span machines: a read sees the coordinator as of its first question and
// the others as of now. Advisory locks of a transaction go when all machines have committed. So:
//
// - A commit has the lock of its writer when it begins (announce_commit). A read first fixes its
//   view of the coordinator and then waits until each writer's lock is free (await_commits): all
//   that this view has of a writer is then on the other machines, too. It waits for commits that
//   have begun, which is a few milliseconds, and never for a transaction that has not.
// - A write locks its conversations by advisory locks as well (lock_spread_conversations).
//
// What others have committed since may be seen on the other machines and not in the view. Messages
// above a head's last_seq are not asked for; of a change one may read the outcome before sync tells
// of it.

/// Whether the messages of the store are spread.
Result<bool> is_spread(Connection& connection);

}  // namespace msg::postgres
