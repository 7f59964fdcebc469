// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/kv/kv_engine.h"
#include "store/store.h"

/// Entries of a key/value store as records of a table.
///
/// Thread safety: as the view.
namespace msg::kv {

/// The key of kv_keys.h at which the record stands.
std::string entry_key(Table table, const RecordKey& key);

/// What Snapshot::scan() gives, without the writers. A table that lies scattered over the
/// conversations is read with one seek, or two, for each of them.
Result<std::vector<Record>> scan_records(KvView& view, Table table, const RecordKey& after,
                                         const ScanLimit& limit);

}  // namespace msg::kv
