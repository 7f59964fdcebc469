// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/migrate.h"

#include <sodium.h>

#include <charconv>

#include "store/postgres/schema.h"

namespace msg::postgres {
namespace {

constexpr std::chrono::milliseconds kQuick = std::chrono::seconds(10);
/// A migration may rebuild a table.
constexpr std::chrono::milliseconds kPatient = std::chrono::hours(1);
/// Any number, as long as all versions of this library take the same.
constexpr const char* kLock = "SELECT pg_advisory_lock(7811887034)";
constexpr const char* kUnlock = "SELECT pg_advisory_unlock(7811887034)";

std::int64_t to_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Of the program that the newest step asks for at least; the column is one of its own steps.
Result<std::int64_t> oldest_program(Connection& connection) {
  MSG_TRY(const auto text,
          connection.execute("SELECT coalesce((to_jsonb(s) ->> 'oldest')::int8, number) "
                             "FROM schema_number s ORDER BY number DESC LIMIT 1",
                             kQuick));
  return to_number(text);
}

Result<void> check_number(Connection& connection, std::int64_t present, std::int64_t wanted,
                          bool allowed) {
  const std::string numbers = "the schema of the store has number " + std::to_string(present) +
                              ", this library has " + std::to_string(wanted);
  if (present > wanted) {
    MSG_TRY(const std::int64_t oldest, oldest_program(connection));
    if (oldest <= wanted) return {};
    return fail(Code::conflict, numbers + ": open it with a newer libmsg", "url");
  }
  if (present < wanted && !allowed) {
    return fail(Code::conflict, numbers + ": allow Options::migrate", "url");
  }
  return {};
}

/// Runs `work` in a transaction that only one process is in at a time. The lock is the session's
/// and had before the transaction begins: one that began earlier may go on seeing a schema
/// without what the holder of the lock has made. It goes with the session, or at once.
template <class Work>
Result<void> alone(Connection& connection, Work work) {
  MSG_CHECK(connection.execute("SET statement_timeout = 0", kQuick));
  MSG_CHECK(connection.execute(kLock, kPatient));
  MSG_CHECK(connection.execute("BEGIN", kQuick));
  MSG_CHECK(work());
  MSG_CHECK(connection.execute("COMMIT", kPatient));
  MSG_CHECK(connection.execute(kUnlock, kQuick));
  return {};
}

Result<void> lift(Connection& connection, std::int64_t present, const std::vector<Migration>& all) {
  if (present == 0) {
    MSG_CHECK(
        connection.execute("CREATE TABLE schema_number (number INT8 PRIMARY KEY, "
                           "since TIMESTAMPTZ NOT NULL DEFAULT now())",
                           kQuick));
  }
  for (std::size_t i = static_cast<std::size_t>(present); i < all.size(); ++i) {
    MSG_CHECK(connection.execute(all[i].sql, kPatient));
    const std::string number = std::to_string(i + 1);
    const bool is_own = all[i].oldest == 0;  // as of all until the column was there
    MSG_CHECK(connection.execute(is_own
                                     ? "INSERT INTO schema_number (number) VALUES (" + number + ")"
                                     : "INSERT INTO schema_number (number, oldest) VALUES (" +
                                           number + ", " + std::to_string(all[i].oldest) + ")",
                                 kQuick));
  }
  return {};
}

std::string hex(std::span<const unsigned char> bytes) {
  std::string text(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

/// Leaves what is there as it is.
Result<void> make_identity(Connection& connection, std::size_t writer) {
  std::int64_t epoch = 0;
  randombytes_buf(&epoch, sizeof epoch);
  epoch = (epoch & INT64_MAX) | 1;
  std::array<unsigned char, 32> secret{};
  randombytes_buf(secret.data(), secret.size());
  MSG_CHECK(connection.execute("INSERT INTO meta (id, epoch, cursor_secret) VALUES (1, " +
                                   std::to_string(epoch) + ", '\\x" + hex(secret) +
                                   "') ON CONFLICT DO NOTHING;" +
                                   "INSERT INTO writer (id, last_version) VALUES (" +
                                   std::to_string(writer) + ", 0) ON CONFLICT DO NOTHING",
                               kQuick));
  return {};
}

}  // namespace

Result<std::int64_t> schema_number(Connection& connection) {
  MSG_TRY(const auto table, connection.execute("SELECT to_regclass('schema_number')", kQuick));
  if (table.empty()) return 0;
  MSG_TRY(const auto text, connection.execute("SELECT max(number) FROM schema_number", kQuick));
  return to_number(text);
}

Result<void> migrate(Connection& connection, int partitions, bool allowed) {
  MSG_TRY(const auto encoding, connection.execute("SHOW server_encoding", kQuick));
  if (encoding != "UTF8") {
    return fail(Code::conflict, "the database has the encoding " + encoding + ", not UTF8", "url");
  }
  const auto all = migrations(partitions);
  const auto wanted = static_cast<std::int64_t>(all.size());
  MSG_TRY(const std::int64_t present, schema_number(connection));
  MSG_CHECK(check_number(connection, present, wanted, allowed));
  if (present >= wanted) return {};
  return alone(connection, [&]() -> Result<void> {
    // Another may have been faster.
    MSG_TRY(const std::int64_t now, schema_number(connection));
    MSG_CHECK(check_number(connection, now, wanted, allowed));
    return lift(connection, now, all);
  });
}

Result<bool> has_schema(Connection& connection) {
  MSG_TRY(const std::int64_t number, schema_number(connection));
  return number > 0;
}

Result<StoreIdentity> load_identity(Connection& connection, int node, Missing missing) {
  StoreIdentity identity;
  identity.writer = static_cast<std::size_t>(node) % kWritersMax;
  if (missing == Missing::is_made) MSG_CHECK(make_identity(connection, identity.writer));
  MSG_TRY(const auto epoch, connection.execute("SELECT epoch FROM meta", kQuick));
  MSG_TRY(const auto secret,
          connection.execute("SELECT encode(cursor_secret, 'hex') FROM meta", kQuick));
  identity.epoch = to_number(epoch);
  std::size_t size = 0;
  sodium_hex2bin(identity.cursor_secret.data(), identity.cursor_secret.size(), secret.data(),
                 secret.size(), nullptr, &size, nullptr);
  if (identity.epoch == 0 || size != identity.cursor_secret.size()) {
    return fail(Code::corrupt, "the store has lost its identity");
  }
  return identity;
}

}  // namespace msg::postgres
