// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

namespace msg::bench {

/// SQLite as it is (WAL, synchronous=FULL), without the library: a message of 200 bytes, a head
/// and an idempotency entry for each send, `batch` sends to a transaction.
class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path);
  ~RawSqlite();
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  /// Returns `batch`.
  int write(int batch);

 private:
  void run(const char* sql);

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  std::string body_ = std::string(200, 'x');
  std::int64_t seq_ = 0;
};

}  // namespace msg::bench
