// SPDX-License-Identifier: Apache-2.0
#include "raw_sqlite.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "sample.h"

namespace msg::bench {
namespace {

constexpr const char* kSchema = R"sql(
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000;
PRAGMA cache_size = -16384;
CREATE TABLE message (room INTEGER, seq INTEGER, version INTEGER, sender INTEGER, kind TEXT,
  reply_to INTEGER, timestamp INTEGER, edited_at INTEGER, deleted INTEGER, client_id TEXT,
  content TEXT, PRIMARY KEY (room, seq)) STRICT;
CREATE TABLE key (room INTEGER, sender INTEGER, client_id TEXT, hash BLOB, seq INTEGER,
  PRIMARY KEY (room, sender, client_id)) STRICT, WITHOUT ROWID;
CREATE TABLE head (room INTEGER PRIMARY KEY, title TEXT, seq INTEGER, version INTEGER,
  senders BLOB) STRICT;
CREATE TABLE member (room INTEGER, user INTEGER, role TEXT, delivered INTEGER, "read" INTEGER,
  version INTEGER, PRIMARY KEY (room, user)) STRICT, WITHOUT ROWID;
CREATE TABLE membership (user INTEGER, room INTEGER, version INTEGER,
  PRIMARY KEY (user, room)) STRICT, WITHOUT ROWID;
)sql";

constexpr std::int64_t kUser = 7'000'000'000'001;
constexpr std::int64_t kVersion = std::int64_t{1'800'000'000'000} << 16;

std::int64_t room_id(std::int64_t number) {
  return 7'000'000'000'000 + number * 4096;
}

void finish(sqlite3_stmt* statement) {
  sqlite3_step(statement);
  if (sqlite3_reset(statement) == SQLITE_OK) return;
  std::fprintf(stderr, "raw sqlite: %s\n", sqlite3_errmsg(sqlite3_db_handle(statement)));
  std::exit(1);
}

void bind(sqlite3_stmt* statement, int at, const std::string& text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), nullptr);
}

}  // namespace

RawSqlite::RawSqlite(const std::string& path, int rooms) : numbering_{rooms} {
  sqlite3_open(path.c_str(), &db_);
  run(kSchema);
  run("WITH RECURSIVE number (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < " +
      std::to_string(rooms) + ") INSERT INTO membership SELECT 7000000000001, 7000000000000 + " +
      "i * 4096, 1 FROM number;"
      "INSERT INTO member SELECT room, user, 'member', 0, 0, 1 FROM membership");
  message_ =
      prepare("INSERT INTO message VALUES (?1, ?2, ?3, ?4, 'text', NULL, NULL, NULL, 0, ?5, ?6)");
  key_ = prepare("INSERT INTO key VALUES (?1, ?2, ?3, ?4, ?5)");
  head_ = prepare("REPLACE INTO head VALUES (?1, 'Room', ?2, ?3, ?4)");
  page_ = prepare(
      "SELECT room, seq, version, sender, kind, reply_to, timestamp, edited_at, deleted, "
      "client_id, content FROM message WHERE room = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
  heads_ = prepare(
      "SELECT membership.room, membership.version, title, head.seq, head.version, senders, role, "
      "delivered, \"read\", member.version FROM membership "
      "JOIN head ON head.room = membership.room "
      "JOIN member ON member.room = membership.room AND member.user = membership.user "
      "WHERE membership.user = ?1 ORDER BY membership.room");
}

RawSqlite::~RawSqlite() {
  for (auto* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void RawSqlite::write(int batch) {
  constexpr std::array<unsigned char, 16> kHash{1, 2, 3};
  run("BEGIN IMMEDIATE");
  for (int i = 0; i < batch; ++i) {
    const auto number = numbering_.count;
    const auto [room, seq] = numbering_.next();
    const std::string client_id = "key-" + std::to_string(number);
    sqlite3_bind_int64(message_, 1, room_id(room));
    sqlite3_bind_int64(message_, 2, seq);
    sqlite3_bind_int64(message_, 3, kVersion + number);
    sqlite3_bind_int64(message_, 4, kUser);
    bind(message_, 5, client_id);
    bind(message_, 6, sample_text(number));
    finish(message_);
    sqlite3_bind_int64(key_, 1, room_id(room));
    sqlite3_bind_int64(key_, 2, kUser);
    bind(key_, 3, client_id);
    sqlite3_bind_blob(key_, 4, kHash.data(), static_cast<int>(kHash.size()), nullptr);
    sqlite3_bind_int64(key_, 5, seq);
    finish(key_);
    if (i >= numbering_.rooms) continue;
    sqlite3_bind_int64(head_, 1, room_id(room));
    sqlite3_bind_int64(head_, 2, seq);
    sqlite3_bind_int64(head_, 3, kVersion + number);
    sqlite3_bind_blob(head_, 4, kHash.data(), static_cast<int>(kHash.size()), nullptr);
    finish(head_);
  }
  run("COMMIT");
}

std::size_t RawSqlite::read_page(int room, std::int64_t seq, int limit) {
  sqlite3_bind_int64(page_, 1, room_id(room));
  sqlite3_bind_int64(page_, 2, seq);
  sqlite3_bind_int64(page_, 3, limit);
  return read(page_);
}

std::size_t RawSqlite::read_heads() {
  sqlite3_bind_int64(heads_, 1, kUser);
  return read(heads_);
}

std::size_t RawSqlite::read(sqlite3_stmt* statement) {
  texts_.clear();
  std::size_t rows = 0;
  for (; sqlite3_step(statement) == SQLITE_ROW; ++rows) {
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      if (sqlite3_column_type(statement, column) == SQLITE_TEXT) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        texts_.emplace_back(text,
                            static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
      }
    }
  }
  sqlite3_reset(statement);
  return rows;
}

void RawSqlite::run(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "raw sqlite: %s: %s\n", sql.c_str(), sqlite3_errmsg(db_));
  std::exit(1);
}

sqlite3_stmt* RawSqlite::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "raw sqlite: %s: %s\n", sql, sqlite3_errmsg(db_));
    std::exit(1);
  }
  statements_.push_back(statement);
  return statement;
}

}  // namespace msg::bench
