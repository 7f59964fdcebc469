// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Whether a side record of an external id is in its place, leads to a user, and has its other
/// half: the id leads to the user, and the user to the id. `words` name the record.
Result<void> check_external_id(Snapshot& snapshot, const SideRecord& record,
                               const std::string& words, Findings& findings);

}  // namespace msg
