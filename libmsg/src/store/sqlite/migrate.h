// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "msg/status.h"
#include "store/sqlite/connection.h"

namespace msg::sqlite {

/// Lifts the schema to the last of `migrations`, one transaction for each: whenever it is cut
/// short, the schema is that of some number and the next call goes on there.
///
/// conflict: the schema is newer than the list, or it is older and `allowed` is false; the
/// database is untouched.
Result<void> migrate(Connection& connection, std::span<const char* const> migrations, bool allowed);

}  // namespace msg::sqlite
