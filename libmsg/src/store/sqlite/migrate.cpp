// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/migrate.h"

#include <cstdint>
#include <string>

namespace msg::sqlite {
namespace {

Result<void> apply(Connection& connection, const char* migration, std::int64_t number) {
  MSG_CHECK(connection.execute("BEGIN IMMEDIATE"));
  auto lift = [&]() -> Result<void> {
    MSG_CHECK(connection.execute(migration));
    // The number is ours, and a pragma takes no parameter. It is part of the transaction.
    MSG_CHECK(connection.execute("PRAGMA user_version = " + std::to_string(number)));
    return connection.execute("COMMIT");
  };
  auto lifted = lift();
  if (!lifted) connection.rollback();
  return lifted;
}

}  // namespace

Result<std::int64_t> check_schema(Connection& connection, std::span<const char* const> migrations,
                                  bool may_lift) {
  MSG_TRY(const std::int64_t present, connection.integer_of("PRAGMA user_version"));
  const auto wanted = static_cast<std::int64_t>(migrations.size());
  const std::string numbers = "the schema of the store has number " + std::to_string(present) +
                              ", this library has " + std::to_string(wanted);
  if (present > wanted) {
    return fail(Code::conflict, numbers + ": open it with a newer libmsg", "url");
  }
  if (present < wanted && !may_lift) {
    return fail(Code::conflict, numbers + ": allow Options::migrate", "url");
  }
  return present;
}

Result<void> migrate(Connection& connection, std::span<const char* const> migrations,
                     bool allowed) {
  MSG_TRY(const std::int64_t present, check_schema(connection, migrations, allowed));
  const auto wanted = static_cast<std::int64_t>(migrations.size());
  for (auto number = present; number < wanted; ++number) {
    MSG_CHECK(apply(connection, migrations[static_cast<std::size_t>(number)], number + 1));
  }
  return {};
}

}  // namespace msg::sqlite
