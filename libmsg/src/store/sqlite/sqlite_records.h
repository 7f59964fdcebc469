// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace msg::sqlite {

/// What Snapshot::scan() gives, without the writers, inside the transaction of the connection.
Result<std::vector<Record>> scan_records(Connection& connection, Table table,
                                         const RecordKey& after, const ScanLimit& limit);

/// Of a copy from a store with several writers; null when there is none.
Result<std::shared_ptr<const Horizon>> read_origin(Connection& connection);
Result<WriterRun> read_writer_run(const Query& query);
/// See Store::import_state().
Result<std::string> read_import_state(Connection& connection);

}  // namespace msg::sqlite
