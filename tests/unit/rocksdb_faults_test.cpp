// SPDX-License-Identifier: Apache-2.0
// Disks that fail: what was acknowledged is there, and after a failure nothing more is.
#include "unit/rocksdb_failing_files.h"
#include "unit/rocksdb_fixture.h"

namespace msg::test {
namespace {

class RocksdbFaults : public RocksdbFixture {
 protected:
  /// Writes until the disk fails, which must be soon; the last acknowledged seq.
  std::int64_t write_until_it_fails(Store& store) {
    for (std::int64_t seq = 1; seq < 1'000; ++seq) {
      if (auto appended = append(store, seq); !appended) {
        EXPECT_EQ(appended.error().code, Code::unavailable) << appended.error().detail;
        return seq - 1;
      }
    }
    ADD_FAILURE() << "nothing failed";
    return 0;
  }

  void expect_writes_refused(Store& store, std::int64_t acknowledged) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(refuses(append(store, acknowledged + 1), Code::unavailable, "reopen"));
    }
    EXPECT_TRUE(refuses(store.check(), Code::unavailable, "reopen"));
    for (std::int64_t seq = 1; seq <= acknowledged; ++seq) EXPECT_TRUE(has(store, seq));
  }

  /// On files that do not fail any more.
  void expect_whole_after_opening(std::int64_t acknowledged) {
    const auto store = must(open());
    for (std::int64_t seq = 1; seq <= acknowledged; ++seq) EXPECT_TRUE(has(*store, seq)) << seq;
    must(store->check());
    must(append(*store, acknowledged + 1));
  }

  FailingFiles& files_that_fail() { return *files_; }
  rocksdb::Env* env() { return env_.get(); }

 private:
  std::shared_ptr<FailingFiles> files_ = std::make_shared<FailingFiles>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
};

TEST_F(RocksdbFaults, AfterAFailedSyncOfTheLogNothingMoreIsAcknowledged) {
  for (const int nth : {1, 2, 7, 30}) {
    SCOPED_TRACE(nth);
    auto store = must(open_on(env()));
    files_that_fail().fail_sync(nth, ".log");
    const auto acknowledged = write_until_it_fails(*store);
    EXPECT_EQ(acknowledged, nth - 1);
    expect_writes_refused(*store, acknowledged);
    store.reset();
    files_that_fail().lose_unsynced();
    expect_whole_after_opening(acknowledged);
    std::filesystem::remove_all(path_);
  }
}

TEST_F(RocksdbFaults, AfterAWriteThatWasCutShortNothingMoreIsAcknowledged) {
  for (const int nth : {1, 5}) {
    SCOPED_TRACE(nth);
    auto store = must(open_on(env()));
    files_that_fail().fail_append(nth, ".log");
    const auto acknowledged = write_until_it_fails(*store);
    expect_writes_refused(*store, acknowledged);
    store.reset();
    expect_whole_after_opening(acknowledged);
    std::filesystem::remove_all(path_);
  }
}

TEST_F(RocksdbFaults, AFileThatCannotBeSyncedInTheBackgroundEndsWritesToo) {
  std::vector<std::string> lines;
  options_.log = [&lines](std::string_view line) { lines.emplace_back(line); };
  auto engine = must(open_engine(env()));
  auto& database = engine->database();
  auto store = must(kv::open_kv_store(std::move(engine)));
  for (std::int64_t seq = 1; seq <= 5; ++seq) must(append(*store, seq));
  files_that_fail().fail_sync(1, ".sst");
  EXPECT_FALSE(database.Flush({}).ok());
  expect_writes_refused(*store, 5);
  store.reset();
  EXPECT_THAT(lines, testing::ElementsAre(testing::HasSubstr("no more are accepted")));
  expect_whole_after_opening(5);
}

TEST_F(RocksdbFaults, FirstOpeningSurvivesAFailureAtAnySync) {
  int failures = 0;
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(nth);
    files_that_fail().fail_sync(nth, "");
    auto store = open_on(env());
    if (store) store->reset();
    if (!files_that_fail().has_failed()) break;
    ++failures;
    expect_whole_after_opening(0);
    std::filesystem::remove_all(path_);
  }
  EXPECT_GT(failures, 2);
}

}  // namespace
}  // namespace msg::test
