// SPDX-License-Identifier: Apache-2.0
// A store of an earlier schema is opened, which lifts it, and the power goes at any moment, or the
// process is killed: what was in it is there, in the old schema or in the new.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "power/plays.h"
#include "power/sweep.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/schema.h"

namespace msg::power {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}
void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().detail);
}

auto open_file(const std::string& path) {
  return must(sqlite::Connection::open(path, sqlite::Connection::Role::writer));
}

std::int64_t number_of(const std::string& path) {
  return must(open_file(path)->integer_of("PRAGMA user_version"));
}

/// All that a schema consists of, by name.
std::vector<std::string> schema_of(sqlite::Connection& file) {
  return must(file.lines_of("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name", ""));
}

/// Takes back what later migrations added: tables that are empty but in copies, what plain sending
/// does not write, and columns that have their defaults.
void make_first_schema(const std::string& path) {
  const auto file = open_file(path);
  must(file->execute(
      "BEGIN IMMEDIATE; DROP TABLE writer; DROP TABLE writer_run; "
      "DROP TABLE import_state; DROP TABLE message_change; DROP TABLE revision; "
      "DROP TABLE annotation; ALTER TABLE message DROP COLUMN changed; "
      "ALTER TABLE message DROP COLUMN extras; ALTER TABLE member DROP COLUMN extras; "
      "ALTER TABLE conversation DROP COLUMN changes; "
      "ALTER TABLE conversation DROP COLUMN pins; "
      "DROP TABLE life; ALTER TABLE member DROP COLUMN own; "
      "ALTER TABLE user_account DROP COLUMN read_receipts; "
      "ALTER TABLE session DROP COLUMN last_seen_at; "
      "ALTER TABLE user_account DROP COLUMN last_seen; "
      "ALTER TABLE user_account DROP COLUMN presence_to; "
      "DROP TABLE side_record; ALTER TABLE membership DROP COLUMN with_history; "
      "ALTER TABLE api_key DROP COLUMN scopes; PRAGMA user_version = 1; COMMIT"));
  file->checkpoint_on_close(true);
  const auto folder = make_folder();
  const std::string other = folder / "first";
  std::ofstream(other).close();
  {
    const auto first = open_file(other);
    must(sqlite::migrate(*first, sqlite::migrations().first(1), true));
    EXPECT_EQ(schema_of(*file), schema_of(*first)) << "it is not the first schema";
  }
  std::filesystem::remove_all(folder);
}

TEST(Migration, CutAfterAnyStepLosesNothing) {
  Ledger ledger;
  Disk disk;
  Clients clients(Kind::sqlite, disk, ledger);
  play_short(clients);
  clients.close();
  const std::string path = disk.root() / "chat";
  make_first_schema(path);
  ledger.pages.clear();  // cursors of then name no lives, which those of now do
  ASSERT_EQ(number_of(path), 1);
  const Position began = disk.position();
  clients.open();
  const Position lifted = disk.position();
  clients.poll(0);
  clients.send_again();
  clients.send(0, 30);
  clients.close();
  ASSERT_EQ(number_of(path), sqlite::migrations().size());
  expect_none(clients);

  Platter platter;
  Sweep sweep(Kind::sqlite, 1);
  for (Position position = 0; position <= disk.steps().size(); ++position) {
    if (position > 0) platter.take(disk.steps()[position - 1]);
    if (position >= began) sweep.cut_in_every_way(platter, ledger, position, 10);
    if (sweep.found_enough()) break;
  }
  expect_none(sweep);
  EXPECT_GT(lifted, began);
  std::cout << lifted - began << " steps of opening, " << sweep.cuts() << " cuts, "
            << sweep.images() << " different images\n";
}

}  // namespace
}  // namespace msg::power
