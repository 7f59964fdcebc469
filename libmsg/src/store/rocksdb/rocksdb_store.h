// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "msg/options.h"
#include "msg/status.h"
#include "store/store.h"

namespace msg {

/// A store in a RocksDB database, the directory `path`, which is made when there is none. Rows lie
/// as kv_keys.h and kv_codec.h say.
///
/// One process at a time: conflict names the one that has it open. Copy the directory only while
/// it is closed, or by RocksDB's own means (checkpoints, backups).
///
/// invalid_argument, not_found: the path cannot be a database, or Options are out of range.
/// conflict: the database is another program's, or its layout is newer. corrupt: it is damaged.
///
/// Lifetime: snapshots and transactions must end before the store.
Result<std::unique_ptr<Store>> open_rocksdb_store(std::string_view path, const Options& options,
                                                  Purpose purpose = Purpose::use);

}  // namespace msg
