// SPDX-License-Identifier: Apache-2.0
#include "raw_sqlite.h"

#include <cstdio>
#include <cstdlib>

namespace msg::bench {

RawSqlite::RawSqlite(const std::string& path) : statements_(3) {
  sqlite3_open(path.c_str(), &db_);
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8000;"
      "CREATE TABLE message(c INTEGER, seq INTEGER, body TEXT, PRIMARY KEY(c, seq)) STRICT;"
      "CREATE TABLE head(c INTEGER PRIMARY KEY, seq INTEGER) STRICT;"
      "CREATE TABLE key(c INTEGER, k TEXT, seq INTEGER, PRIMARY KEY(c, k)) STRICT,"
      "WITHOUT ROWID; INSERT INTO head VALUES(1, 0);");
  sqlite3_prepare_v2(db_, "INSERT INTO message VALUES(1, ?1, ?2)", -1, &statements_[0], nullptr);
  sqlite3_prepare_v2(db_, "UPDATE head SET seq = ?1 WHERE c = 1", -1, &statements_[1], nullptr);
  sqlite3_prepare_v2(db_, "INSERT INTO key VALUES(1, ?2, ?1)", -1, &statements_[2], nullptr);
}

RawSqlite::~RawSqlite() {
  for (auto* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

int RawSqlite::write(int batch) {
  run("BEGIN IMMEDIATE");
  for (int i = 0; i < batch; ++i) {
    const std::string key = "key-" + std::to_string(++seq_);
    for (std::size_t s = 0; s < statements_.size(); ++s) {
      const std::string& text = s == 0 ? body_ : key;
      sqlite3_bind_int64(statements_[s], 1, seq_);
      if (s != 1) {
        sqlite3_bind_text(statements_[s], 2, text.data(), static_cast<int>(text.size()), nullptr);
      }
      sqlite3_step(statements_[s]);
      sqlite3_reset(statements_[s]);
    }
  }
  run("COMMIT");
  return batch;
}

void RawSqlite::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "raw sqlite: %s: %s\n", sql, sqlite3_errmsg(db_));
  std::exit(1);
}

}  // namespace msg::bench
