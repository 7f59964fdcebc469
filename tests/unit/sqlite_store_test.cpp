// SPDX-License-Identifier: Apache-2.0
// What is particular to SQLite: failing disks, whole transactions, the log, the reader pool. What
// every store does with rows stands in tests/conformance/row_contract.cpp.

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "sqlite_fixture.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/sqlite_write.h"
#include "store/sqlite/statements.h"

namespace msg::test {
namespace {

namespace fs = std::filesystem;
using sqlite::Sql;

class SqliteStore : public SqliteFixture {};

/// While it lives no file of this process may grow past `bytes`: a disk that fails in a write.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(SqliteStore, AFailedCommitEndsAllWritesUntilReopened) {
  auto store = must(open());
  must(append(*store, 1));
  {
    const FileSizeLimit limit(fs::file_size(path_ + "-wal") + 2'000);
    EXPECT_TRUE(refuses(append(*store, 2), Code::unavailable, "I/O"));
  }
  EXPECT_TRUE(refuses(append(*store, 2), Code::unavailable, "reopen"));
  EXPECT_TRUE(refuses(store->check(), Code::unavailable, "reopen"));
  EXPECT_TRUE(has(*store, 1));  // Reads go on.
  EXPECT_FALSE(has(*store, 2));

  store.reset();
  EXPECT_TRUE(fs::exists(path_ + "-wal")) << "the log is what recovery trusts";
  store = must(open());
  EXPECT_TRUE(store->check());
  EXPECT_TRUE(has(*store, 1));
  must(append(*store, 2));
}

TEST_F(SqliteStore, AFullDiskUndoesTheWriteAndNoMore) {
  must(open());
  auto writer = must(sqlite::Connection::open(path_, sqlite::Connection::Role::writer));
  sqlite::WalCheckpoint checkpoint(*writer, {}, sqlite::kCheckpointPages);
  const auto write = [&](std::int64_t seq, std::size_t bytes) -> Result<void> {
    MSG_TRY(auto transaction, sqlite::SqliteTransaction::begin(*writer, checkpoint));
    MSG_CHECK(transaction->append_message(message(seq), {{}, Seq{seq}}));
    MSG_CHECK(transaction->append_message(message(seq + 1, bytes), {{}, Seq{seq + 1}}));
    return transaction->commit(message(seq).version);
  };
  must(writer->execute("PRAGMA max_page_count = 40"));
  EXPECT_TRUE(refuses(write(1, 400'000), Code::unavailable, "no space left"));
  EXPECT_FALSE(writer->medium_failed());
  must(write(1, 10));
}

TEST_F(SqliteStore, AFailedPutFailsTheWholeTransaction) {
  auto store = must(open());
  must(append(*store, 1));
  {
    auto transaction = must(store->begin());
    must(transaction->append_message(message(2), {{}, Seq{2}}));
    Message other = message(1);
    other.client_id = "other";
    EXPECT_TRUE(refuses(transaction->append_message(other, {{}, Seq{1}}), Code::corrupt,
                        "UNIQUE constraint failed: message"));
    EXPECT_FALSE(transaction->append_message(message(3), {{}, Seq{3}}));
    EXPECT_FALSE(transaction->find_message(message(1).id));
    EXPECT_FALSE(transaction->commit(Version{9}));
    EXPECT_FALSE(transaction->append_message(message(4), {{}, Seq{4}}));
  }
  for (const std::int64_t seq : {2, 3, 4}) EXPECT_FALSE(has(*store, seq)) << seq;
  must(append(*store, 2));
}

TEST_F(SqliteStore, NothingIsWrittenOutsideOfATransaction) {
  auto store = must(open());
  auto transaction = must(store->begin());
  EXPECT_TRUE(refuses(store->begin(), Code::unavailable, "already open"));
  must(transaction->commit(Version{1}));
  EXPECT_TRUE(refuses(transaction->append_message(message(1), {{}, Seq{1}}), Code::unavailable,
                      "no transaction"));
  EXPECT_FALSE(transaction->commit(Version{2}));
}

TEST_F(SqliteStore, AReaderCannotWrite) {
  must(open());
  auto reader = must(sqlite::Connection::open(path_, sqlite::Connection::Role::reader));
  EXPECT_FALSE(reader->execute("DELETE FROM message"));
  EXPECT_FALSE(reader->begin(Sql::begin_write));
}

TEST_F(SqliteStore, AnUnknownTextIsCorruptNotGuessed) {
  {
    auto store = must(open());
    must(append(*store, 1));
  }
  sql(path_, "UPDATE message SET kind = 'hologram'");
  auto store = must(open());
  EXPECT_TRUE(refuses(must(store->snapshot())->find_message(message(1).id), Code::corrupt,
                      "unknown message kind 'hologram'"));
}

TEST_F(SqliteStore, WhatIsErasedIsOverwritten) {
  const Session session{
      .id = SessionId{1}, .user = UserId{2}, .device_name = "Ada's secret phone", .created_at = {}};
  {
    auto store = must(open());
    for (const bool erase : {false, true}) {
      auto transaction = must(store->begin());
      must(erase ? transaction->erase_session(session) : transaction->put_session(session, {}));
      must(transaction->commit(Version{1}));
    }
  }
  EXPECT_THAT(bytes_of(path_), testing::Not(testing::HasSubstr("secret phone")));
}

TEST_F(SqliteStore, EveryReadFindsItsRowsByAKey) {
  must(open());
  for (auto i = static_cast<std::size_t>(Sql::identity); i < sqlite::kSqlCount; ++i) {
    const std::string text = sqlite::text_of(static_cast<Sql>(i));
    const std::string plan = sql(path_, "EXPLAIN QUERY PLAN " + text);
    const bool reads_all = i == static_cast<std::size_t>(Sql::list_api_keys) ||
                           i == static_cast<std::size_t>(Sql::list_lives);
    if (text.starts_with("SELECT") && !reads_all) {
      EXPECT_TRUE(plan.starts_with("SEARCH")) << text << "\n" << plan;
      EXPECT_FALSE(plan.contains("SCAN")) << text << "\n" << plan;
    }
    EXPECT_FALSE(plan.contains("TEMP B-TREE")) << text << "\n" << plan;
  }
}

TEST_F(SqliteStore, TheLogDoesNotGrowWithWhatIsWritten) {
  auto store = must(open());
  std::uintmax_t largest = 0;
  for (std::int64_t seq = 1; seq <= 80; ++seq) {
    must(append(*store, seq, 1'000'000));
    largest = std::max(largest, fs::file_size(path_ + "-wal"));
  }
  EXPECT_GT(largest, 30U << 20);
  EXPECT_LT(largest, 40U << 20);
  EXPECT_TRUE(has(*store, 1));
}

TEST_F(SqliteStore, ALastingSnapshotKeepsItsViewThroughCheckpoints) {
  auto store = must(open());
  must(append(*store, 1));
  const auto before = must(store->snapshot());
  for (std::int64_t seq = 2; seq <= 45; ++seq) must(append(*store, seq, 1'000'000));
  EXPECT_TRUE(must(before->find_message(message(1).id)));
  EXPECT_FALSE(must(before->find_message(message(2).id)));
  EXPECT_TRUE(has(*store, 45));
}

TEST_F(SqliteStore, ASnapshotWaitsForAConnectionAndIsThenRefused) {
  must(open());
  auto pool = must(sqlite::ReaderPool::open(path_, 1));
  auto lease = must(pool->borrow());
  const auto refused = pool->borrow(std::chrono::milliseconds(1));
  EXPECT_TRUE(refuses(refused, Code::overloaded, "in use"));
  EXPECT_GT(refused.error().retry_after.count(), 0);

  std::thread waiting([&] { EXPECT_TRUE(pool->borrow()); });
  lease.reset();
  waiting.join();
}

TEST_F(SqliteStore, ReadersSeeWholeCommitsWhileAWriterWrites) {
  options_.readers = 2;
  auto store = must(open());
  constexpr std::int64_t kPairs = 200;
  std::atomic<bool> done{false};
  const auto read = [&] {
    std::int64_t seen = 0;
    while (!done) {
      const auto snapshot = must(store->snapshot());
      const auto listed = must(snapshot->list_messages(message(1).id.conversation, Seq{1},
                                                       Seq{INT64_MAX}, 1'000, Order::oldest_first));
      const auto count = static_cast<std::int64_t>(listed.size());
      EXPECT_EQ(count % 2, 0) << "a commit of two messages";
      EXPECT_GE(count, seen);
      EXPECT_EQ(must(snapshot->last_version()), Version{count});
      seen = count;
    }
  };
  std::thread first(read);
  std::thread second(read);
  std::thread third(read);  // One more than there are connections.
  for (std::int64_t seq = 1; seq <= 2 * kPairs; seq += 2) {
    auto transaction = must(store->begin());
    must(transaction->append_message(message(seq), {{}, Seq{seq}}));
    must(transaction->append_message(message(seq + 1), {{}, Seq{seq + 1}}));
    must(transaction->commit(Version{seq + 1}));
  }
  done = true;
  first.join();
  second.join();
  third.join();
}

}  // namespace
}  // namespace msg::test
