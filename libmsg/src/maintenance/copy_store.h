// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/copy_state.h"
#include "msg/maintenance.h"
#include "store/store.h"

namespace msg {

/// The same between stores that are open; the target is to be closed afterwards. Does not
/// compare.
Result<CopyReport> copy_store(Store& from, Store& to, const CopyOptions& options);

/// How many messages the heads count: what progress is measured by.
Result<std::int64_t> count_messages(Snapshot& snapshot);

/// Compares all tables row by row and adds what differs to the report.
Result<void> compare_stores(Store& from, Store& to, const CopyOptions& options, CopyReport& report);

/// The same of a store that is open.
Result<CheckReport> check_store(Store& store, const CheckOptions& options);

}  // namespace msg
