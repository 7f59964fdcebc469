// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace msg::sqlite {

/// Stands in the header of every database file of ours ("Lmsg"): what tells it from another
/// program's SQLite file.
inline constexpr std::int32_t kApplicationId = 0x4c6d7367;

/// Migration number n is entry n - 1 and lifts a schema from n - 1 to n. What was released never
/// changes; a change of the schema is one more entry. `PRAGMA user_version` holds the number of
/// the last one that ran.
std::span<const char* const> migrations();

}  // namespace msg::sqlite
