// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msg/rules.h"
#include "msg/status.h"
#include "store/side_record.h"

namespace msg {

/// Of kind block, or of kind blocked_by.
SideRecord record_of(SideKind kind, UserId owner, UserId other, Time at);
Result<Block> block_of(const SideRecord& record);

}  // namespace msg
