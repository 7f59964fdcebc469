// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Users, sessions and keys can be read, and whoever has a session or a membership exists.
Result<void> check_people(Snapshot& snapshot, const Horizon& horizon, Findings& findings);

}  // namespace msg
