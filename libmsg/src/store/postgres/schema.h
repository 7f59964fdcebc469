// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace msg::postgres {

/// Lifts a schema by one number.
struct Migration {
  std::string_view what;  ///< For people: what is new.
  std::string sql;
  /// The number of the oldest program that works on what it makes. One that only adds tables, and
  /// columns that are NULL or have a default, leaves what the one before it says: statements name
  /// their columns. 0: its own number.
  std::int64_t oldest{0};
};

/// Migration N lifts from number N-1 to N. A published one is never edited: databases out there
/// carry it. `partitions` counts when the schema is made.
std::vector<Migration> migrations(int partitions);

}  // namespace msg::postgres
