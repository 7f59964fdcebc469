// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "msg/options.h"
#include "msg/status.h"
#include "store/store.h"

namespace msg {

/// A store in one SQLite file at `path`, which is made when there is none. A clean close leaves
/// that file alone and "<path>.lock"; while open, and after a crash, "<path>-wal" belongs to it.
///
/// One process at a time: conflict names the one that has it open. Copy the file only while it is
/// closed, or by SQLite's own means (`.backup`, VACUUM INTO).
///
/// invalid_argument, not_found: the path cannot be a database. conflict: the file is another
/// program's, or its schema is newer, or older with Options::migrate off. corrupt: it is no
/// database, or a damaged one. A file that is refused is not written to.
///
/// `checkpoint_pages` is for tests that want to see the log written back early; 0: 32 MiB.
///
/// Lifetime: snapshots and transactions must end before the store.
Result<std::unique_ptr<Store>> open_sqlite_store(std::string_view path, const Options& options,
                                                 Purpose purpose = Purpose::use,
                                                 int checkpoint_pages = 0);

}  // namespace msg
