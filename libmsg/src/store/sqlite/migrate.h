// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "msg/status.h"
#include "store/sqlite/connection.h"

namespace msg::sqlite {

/// The number of the schema. conflict: it is newer than the list, or older and `may_lift` is false.
Result<std::int64_t> check_schema(Connection& connection, std::span<const char* const> migrations,
                                  bool may_lift);

/// Lifts the schema to the last of `migrations`, one transaction for each: whenever it is cut
/// short, the schema is that of some number and the next call goes on there.
///
/// conflict: as check_schema(); the database is untouched.
Result<void> migrate(Connection& connection, std::span<const char* const> migrations, bool allowed);

}  // namespace msg::sqlite
