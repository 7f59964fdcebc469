// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/connection.h"

#include <cstdlib>
#include <utility>

namespace msg::sqlite {
namespace {

// Only recovery and other programs (a shell in the hands of an operator) make us wait.
constexpr int kBusyMs = 5'000;

// Every setting that matters is made here, whatever the defaults of the build.
constexpr const char* kCommonSettings = R"sql(
PRAGMA trusted_schema = OFF;      -- a tampered schema runs no functions
PRAGMA cell_size_check = ON;      -- a damaged page is an error, not a strange row
PRAGMA mmap_size = 0;             -- an I/O error is an error, not a SIGBUS
PRAGMA temp_store = MEMORY;       -- message text does not reach /tmp
PRAGMA foreign_keys = OFF;        -- the schema has none
PRAGMA recursive_triggers = OFF;  -- nor triggers
)sql";

constexpr const char* kWriterSettings = R"sql(
PRAGMA synchronous = FULL;             -- a commit is on the disk when it returns
PRAGMA fullfsync = ON;                 -- through the drive's cache, on systems that differ
PRAGMA checkpoint_fullfsync = ON;
PRAGMA secure_delete = ON;             -- what is deleted is overwritten with zeros
PRAGMA cache_size = -16384;            -- 16 MiB; stays warm, since nobody else writes
PRAGMA journal_size_limit = 67108864;  -- the log file shrinks to 64 MiB when it starts over
PRAGMA wal_autocheckpoint = 0;         -- checkpoints have a policy of their own
)sql";

// A commit drops a reader's cache, so it only has to hold one read.
constexpr const char* kReaderSettings = R"sql(
PRAGMA query_only = ON;
PRAGMA cache_size = -4096;
PRAGMA wal_autocheckpoint = 0;
)sql";

int primary(int result) {
  return result & 0xff;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Role role) {
  std::unique_ptr<Connection> connection(new Connection(path));
  // Readers too are opened for writing: the first to come after a crash must rebuild the index of
  // the write-ahead log. query_only keeps them from more.
  const int result = sqlite3_open_v2(
      path.c_str(), &connection->handle_,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
  if (result != SQLITE_OK) return std::unexpected(connection->error_of(result));
  MSG_CHECK(connection->configure(role));
  return connection;
}

Connection::~Connection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<void> Connection::configure(Role role) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyMs);
  const std::pair<int, int> switches[] = {
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_DQS_DML, 0},
      {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
  };
  for (const auto& [option, value] : switches) {
    const int result = sqlite3_db_config(handle_, option, value, nullptr);
    if (result != SQLITE_OK) return std::unexpected(error_of(result));
  }
  MSG_CHECK(execute(kCommonSettings));
  if (role == Role::reader) return execute(kReaderSettings);
  MSG_CHECK(execute(kWriterSettings));
  auto note_pages = [](void* pages, sqlite3*, const char*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, note_pages, &wal_pages_);
  return {};
}

Result<void> Connection::execute(const std::string& script) {
  const int result = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(error_of(result));
  return {};
}

Result<std::string> Connection::text_of(const char* script) {
  std::string text;
  auto take_first = [](void* into, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
    return 0;
  };
  const int result = sqlite3_exec(handle_, script, take_first, &text, nullptr);
  if (result != SQLITE_OK) return std::unexpected(error_of(result));
  return text;
}

Result<std::vector<std::string>> Connection::lines_of(const char* script, std::string_view except) {
  std::vector<std::string> lines;
  auto take = [](void* into, int, char** values, char**) {
    if (values[0] != nullptr) static_cast<std::vector<std::string>*>(into)->emplace_back(values[0]);
    return 0;
  };
  const int result = sqlite3_exec(handle_, script, take, &lines, nullptr);
  if (result != SQLITE_OK) return std::unexpected(error_of(result));
  std::erase(lines, except);
  return lines;
}

Result<std::int64_t> Connection::integer_of(const char* script) {
  MSG_TRY(const std::string text, text_of(script));
  return std::strtoll(text.c_str(), nullptr, 10);
}

Result<void> Connection::begin(Sql how) {
  if (in_transaction_) return fail(Code::unavailable, "a transaction is already open");
  failure_.reset();
  MSG_TRY(Query query, prepared(how));
  MSG_CHECK(query.run());
  in_transaction_ = true;
  return {};
}

Result<Query> Connection::use(Sql statement) {
  if (failure_) return std::unexpected(*failure_);
  if (!in_transaction_) return fail(Code::unavailable, "no transaction is open");
  return prepared(statement);
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_);
}

Result<void> Connection::commit() {
  auto finish = [this]() -> Result<void> {
    MSG_TRY(Query query, use(Sql::commit));
    auto done = query.run();
    if (!done) note_medium(sqlite3_extended_errcode(handle_));
    return done;
  };
  auto done = finish();
  if (done) {
    in_transaction_ = false;
  } else {
    rollback();
  }
  return done;
}

void Connection::rollback() {
  if (sqlite3_get_autocommit(handle_) == 0) {
    auto query = prepared(Sql::rollback);
    if (!query || !query->run()) medium_failed_.store(true, std::memory_order_release);
  }
  failure_.reset();
  in_transaction_ = false;
}

Result<void> Connection::checkpoint(int mode, int busy_ms) {
  sqlite3_busy_timeout(handle_, busy_ms);
  const int result = sqlite3_wal_checkpoint_v2(handle_, "main", mode, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, kBusyMs);
  if (result == SQLITE_OK || primary(result) == SQLITE_BUSY) return {};
  note_medium(result);
  return std::unexpected(error_of(result));
}

void Connection::checkpoint_on_close(bool allowed) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, allowed ? 0 : 1, nullptr);
}

Error Connection::note_failure(int result) {
  if (!failure_) failure_ = error_of(result);
  return *failure_;
}

Result<Query> Connection::prepared(Sql statement) {
  sqlite3_stmt*& slot = statements_.at(static_cast<std::size_t>(statement));
  if (slot == nullptr) {
    const int result = sqlite3_prepare_v3(handle_, sqlite::text_of(statement), -1,
                                          SQLITE_PREPARE_PERSISTENT, &slot, nullptr);
    if (result != SQLITE_OK) return std::unexpected(note_failure(result));
  }
  return Query(*this, slot);
}

Error Connection::error_of(int result) const {
  Code code = Code::unavailable;
  std::string hint;
  switch (primary(result)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:  // The rows contradict what the writer knows of them.
      code = Code::corrupt;
      break;
    case SQLITE_FULL:
      hint = "no space left; nothing was written: ";
      break;
    case SQLITE_BUSY:
      hint = "another program has it locked: ";
      break;
    default:
      break;
  }
  const char* reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(result);
  return {.code = code,
          .detail = path_ + ": " + hint + reason + " (sqlite " + std::to_string(result) + ")",
          .field = {}};
}

void Connection::note_medium(int result) {
  if (primary(result) == SQLITE_IOERR) medium_failed_.store(true, std::memory_order_release);
}

}  // namespace msg::sqlite
