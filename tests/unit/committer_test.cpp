// SPDX-License-Identifier: Apache-2.0
// Batches, seen from a store that counts its commits and fails when told to.
#include "commit/committer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "store/memory/memory_store.h"

#include "support/forwarding.h"
#include "unit/store_results.h"

namespace msg {
namespace {

using test::must;
using test::refuses;

struct Script {
  std::atomic<int> commits{0};
  std::atomic<int> failures{0};  ///< How many of the next commits fail.
  bool may_retry = false;
  bool loads_ahead = false;
  std::vector<std::size_t> touches{};  ///< Of each prepare().
};

class ScriptedTransaction final : public test::ForwardingTransaction {
 public:
  ScriptedTransaction(std::unique_ptr<WriteTransaction> target, Script& script)
      : ForwardingTransaction(std::move(target)), script_(script) {}

  Result<Version> prepare(std::span<const Touch* const> touches) override {
    script_.touches.push_back(touches.size());
    return Version{};
  }
  bool may_retry() const override { return failed_ && script_.may_retry; }
  Result<void> commit(Version last) override {
    ++script_.commits;
    failed_ = script_.failures > 0 && script_.failures-- > 0;
    if (failed_) return fail(Code::unavailable, "the disk is gone");
    return ForwardingTransaction::commit(last);
  }

 private:
  Script& script_;
  bool failed_ = false;
};

class ScriptedStore final : public Store {
 public:
  explicit ScriptedStore(Script& script) : script_(script) {}
  Result<std::unique_ptr<Snapshot>> snapshot() override { return target_->snapshot(); }
  Result<std::unique_ptr<WriteTransaction>> begin() override {
    MSG_TRY(auto transaction, target_->begin());
    return std::make_unique<ScriptedTransaction>(std::move(transaction), script_);
  }
  const StoreIdentity& identity() const override { return target_->identity(); }
  bool loads_ahead() const override { return script_.loads_ahead; }
  Result<void> check() override { return {}; }
  Result<std::string> import_state() override { return std::string(); }
  Result<std::unique_ptr<ImportTransaction>> begin_import() override {
    return fail(Code::unavailable, "no");
  }

 private:
  Script& script_;
  std::unique_ptr<Store> target_ = must(open_memory_store({}));
};

class CommitterTest : public testing::Test {
 protected:
  void start() {
    committer_.emplace(store_, Version{}, Version{}, options_, [](const Commit&) {});
  }
  static Result<int> stamp(Batch& batch, int answer) {
    batch.next_version();
    return answer;
  }
  /// Work that has begun, and ends when it is released.
  void submit_held(WorkHint hint = {}) {
    committer_->submit<int>(
        [this](Batch& batch) {
          begun_.release();
          released_.acquire();
          return stamp(batch, 0);
        },
        [this](Result<int> result) { note(std::move(result)); }, std::move(hint));
    begun_.acquire();
  }
  void submit(int answer, WorkHint hint = {}) {
    committer_->submit<int>([answer](Batch& batch) { return stamp(batch, answer); },
                            [this](Result<int> result) { note(std::move(result)); },
                            std::move(hint));
  }
  void note(Result<int> result) {
    answers_.push_back(std::move(result));
    answered_.release();
  }

  Script script_;
  ScriptedStore store_{script_};
  Options options_;
  std::binary_semaphore begun_{0};
  std::counting_semaphore<> released_{0};
  std::counting_semaphore<> answered_{0};
  std::vector<Result<int>> answers_;  // the committing thread's, until it has ended
  std::optional<Committer> committer_;
};

TEST_F(CommitterTest, WhatComesWhileABatchIsWorkedOnJoinsIt) {
  start();
  submit_held();
  for (int i = 1; i <= 3; ++i) submit(i);
  released_.release();
  committer_.reset();
  ASSERT_EQ(answers_.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(must(answers_[static_cast<std::size_t>(i)]), i);
  EXPECT_EQ(script_.commits, 1);
}

TEST_F(CommitterTest, AStoreThatLoadsAheadIsToldOfAllWorkOfACommit) {
  script_.loads_ahead = true;
  start();
  submit_held();
  const WorkHint hint{.touch = Touch{ConversationId{1}, UserId{2}, {}}};
  for (int i = 1; i <= 3; ++i) submit(i, hint);
  released_.release();
  committer_.reset();
  EXPECT_EQ(answers_.size(), 4u);
  EXPECT_EQ(script_.touches, (std::vector<std::size_t>{0, 3}));
}

TEST_F(CommitterTest, ABatchIsBoundedInEntries) {
  options_.commit_batch_max = 4;
  start();
  submit_held();
  for (int i = 1; i <= 5; ++i) submit(i);  // three here, two in the next
  released_.release();
  committer_.reset();
  ASSERT_EQ(answers_.size(), 6u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(must(answers_[static_cast<std::size_t>(i)]), i);
  EXPECT_EQ(script_.commits, 2);
}

TEST_F(CommitterTest, ABatchIsBoundedInBytes) {
  options_.commit_queue_bytes_max = 1000;
  start();
  submit_held({.bytes = 600});
  submit(1, {.bytes = 600});  // too much beside the one that has begun
  released_.release();
  committer_.reset();
  EXPECT_EQ(answers_.size(), 2u);
  EXPECT_EQ(script_.commits, 2);
}

TEST_F(CommitterTest, AFailedCommitFailsItsCallersAndNobodyElse) {
  script_.failures = 1;
  start();
  submit_held();
  submit(1);
  released_.release();
  for (int i = 0; i < 2; ++i) answered_.acquire();
  EXPECT_EQ(must(committer_->run<int>([](Batch& batch) { return stamp(batch, 2); })), 2)
      << "of the next commit";
  committer_.reset();
  ASSERT_EQ(answers_.size(), 2u);
  for (const auto& answer : answers_) EXPECT_TRUE(refuses(answer, Code::unavailable, "disk"));
}

TEST_F(CommitterTest, WhatHasExpiredLeavesWithCommitsNowAndThen) {
  constexpr int kRecords = 600;  // more than leave at once
  std::atomic<std::int64_t> now{1'000'000};
  options_.clock = [&] { return Time{std::chrono::milliseconds{now}}; };
  start();
  const auto put = [](Batch& batch) -> Result<int> {
    batch.next_version();
    for (int i = 0; i < kRecords; ++i) {
      MSG_CHECK(
          batch.rows().put_side_record({.kind = SideKind::ticket,
                                        .owner = i,
                                        .key = "k",
                                        .expires_at = batch.now() + std::chrono::seconds(1)}));
    }
    return 0;
  };
  EXPECT_TRUE(committer_->run<int>(put));
  const auto left = [&] {
    EXPECT_TRUE(committer_->run<int>([](Batch& batch) { return stamp(batch, 0); }));
    const auto snapshot = must(store_.snapshot());
    return must(snapshot->scan(Table::side_records, RecordKey::first(), {})).size();
  };
  now += 30'000;
  EXPECT_EQ(left(), kRecords) << "not yet";
  now += 30'000;
  EXPECT_EQ(left(), kRecords - 512);
  EXPECT_EQ(left(), 0) << "at once, as there was more";
}

TEST_F(CommitterTest, WorkThatFailsHalfWayUndoesItsCommit) {
  start();
  submit_held();
  committer_->submit<int>(
      [](Batch& batch) -> Result<int> {
        batch.next_version();
        return fail(Code::unavailable, "half way");
      },
      [this](Result<int> result) { note(std::move(result)); });
  released_.release();
  committer_.reset();
  ASSERT_EQ(answers_.size(), 2u);
  for (const auto& answer : answers_) EXPECT_TRUE(refuses(answer, Code::unavailable, "half way"));
  EXPECT_EQ(script_.commits, 0);
}

TEST_F(CommitterTest, WorkIsDoneAgainWhereTheStoreSaysThatItMayHelp) {
  script_.failures = 2;
  script_.may_retry = true;
  start();
  int done = 0;
  EXPECT_EQ(must(committer_->run<int>([&](Batch& batch) {
              ++done;
              return stamp(batch, 5);
            })),
            5);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(script_.commits, 3);
}

TEST_F(CommitterTest, TimesAreNotBeforeTheCall) {
  std::atomic<std::int64_t> clock{1000};
  options_.clock = [&] { return Time{std::chrono::milliseconds{clock.load()}}; };
  start();
  submit_held();
  clock = 2000;
  Time seen{};
  committer_->submit<int>(
      [&](Batch& batch) {
        seen = batch.now();
        return stamp(batch, 1);
      },
      [this](Result<int> result) { note(std::move(result)); });
  released_.release();
  committer_.reset();
  EXPECT_EQ(seen.time_since_epoch().count(), 2000);
}

TEST_F(CommitterTest, EverySleeperGetsItsOwnAnswer) {
  start();
  constexpr int kThreads = 32;
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  std::latch go(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      go.arrive_and_wait();
      for (int round = 0; round < 200; ++round) {
        const auto answer =
            committer_->run<int>([&](Batch& batch) { return stamp(batch, i * 1000 + round); });
        if (answer && *answer == i * 1000 + round) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, kThreads * 200);
}

}  // namespace
}  // namespace msg
