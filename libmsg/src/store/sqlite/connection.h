// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/status.h"
#include "store/sqlite/query.h"
#include "store/sqlite/statements.h"

namespace msg::sqlite {

/// A connection with its prepared statements, set up for one of two roles. The rule of the house:
/// one connection of a store, the writer, owns every write and every checkpoint. (SQLite 3.7.0 to
/// 3.51.2 can corrupt a database when two connections write or checkpoint at one moment.)
///
/// After a failed statement the transaction is over: SQLite may have rolled it back, and what came
/// next would commit by itself. So everything but rollback() then repeats the first error.
///
/// Thread safety: one thread at a time; medium_failed() from any thread.
class Connection {
 public:
  enum class Role { reader, writer };

  /// Opens an existing file, never makes one. Nothing is written to it.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Role role);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a script, outside of the transactions below.
  Result<void> execute(const std::string& script);
  /// The first column of the first row of a script, as integer and as text.
  Result<std::int64_t> integer_of(const char* script);
  Result<std::string> text_of(const char* script);
  /// The first column of all its rows, but `except`.
  Result<std::vector<std::string>> lines_of(const char* script, std::string_view except);

  /// `how` is Sql::begin_read or Sql::begin_write.
  Result<void> begin(Sql how);
  /// A statement, ready to be bound. Fails when no transaction is open or it has failed.
  Result<Query> use(Sql statement);
  /// Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  /// Rolls back when it fails.
  Result<void> commit();
  /// Harmless when nothing is open.
  void rollback();

  /// `mode` as SQLITE_CHECKPOINT_*; `busy_ms` is how long to wait for readers.
  Result<void> checkpoint(int mode, int busy_ms);
  /// Pages in the write-ahead log after the last commit.
  int wal_pages() const { return wal_pages_; }
  /// Whether the last connection to close may checkpoint and remove the write-ahead log.
  void checkpoint_on_close(bool allowed);

  /// A COMMIT or a checkpoint met an I/O error. The system may have dropped what it could not
  /// write and call it clean, so a second fsync proves nothing: only opening anew does, from the
  /// log as it is on the disk.
  bool medium_failed() const { return medium_failed_.load(std::memory_order_acquire); }

  /// For Query: remembers that the transaction has failed, and says how.
  Error note_failure(int result);

 private:
  explicit Connection(std::string path) : path_(std::move(path)) {}
  Result<void> configure(Role role);
  Result<Query> prepared(Sql statement);
  Error error_of(int result) const;
  void note_medium(int result);

  std::string path_;
  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, kSqlCount> statements_{};
  std::optional<Error> failure_;
  bool in_transaction_ = false;
  int wal_pages_ = 0;
  std::atomic<bool> medium_failed_{false};
};

}  // namespace msg::sqlite
