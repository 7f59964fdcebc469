// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "raw_engine.h"

namespace msg::bench {

/// SQLite as it is (WAL, synchronous=FULL), without the library: prepared statements over tables
/// with the same columns.
class RawSqlite final : public RawEngine {
 public:
  RawSqlite(const std::string& path, int rooms);
  ~RawSqlite() override;
  void write(int batch) override;
  std::size_t read_page(int room, std::int64_t seq, int limit) override;
  std::size_t read_heads() override;

 private:
  void run(const std::string& sql);
  sqlite3_stmt* prepare(const char* sql);
  std::size_t read(sqlite3_stmt* statement);

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  sqlite3_stmt* message_;
  sqlite3_stmt* key_;
  sqlite3_stmt* head_;
  sqlite3_stmt* page_;
  sqlite3_stmt* heads_;
  Numbering numbering_;
  std::vector<std::string> texts_;
};

}  // namespace msg::bench
