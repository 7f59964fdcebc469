// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/spread.h"

namespace msg::postgres {

Result<bool> is_spread(Connection& connection) {
  constexpr std::chrono::milliseconds kQuick = std::chrono::seconds(10);
  MSG_TRY(const auto catalog,
          connection.execute("SELECT to_regclass('pg_catalog.pg_dist_partition')", kQuick));
  if (catalog.empty()) return false;
  MSG_TRY(const auto found, connection.execute("SELECT 1 FROM pg_dist_partition "
                                               "WHERE logicalrelid = 'message'::regclass",
                                               kQuick));
  return !found.empty();
}

}  // namespace msg::postgres
