// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "store/postgres/params.h"
#include "store/postgres/rows.h"
#include "store/postgres/statements.h"
#include "store/store.h"

/// What Snapshot::scan() asks and is answered.
namespace msg::postgres {

Sql scan_statement(Table table);
/// All rows of an answer come at once, so of those that may be large it asks for fewer.
Params scan_params(Table table, const RecordKey& after, const ScanLimit& limit);
Result<std::vector<Record>> read_records(Table table, const Rows& rows);

}  // namespace msg::postgres
