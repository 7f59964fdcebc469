// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// Whether each side record can be read, and each that expires is found by its time and no other.
Result<void> check_side_records(Snapshot& snapshot, Findings& findings);

}  // namespace msg
