// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace msg::memory {
namespace {

using Model = std::map<std::string, std::string>;
using Entries = std::vector<std::pair<std::string, std::string>>;

const KvRange kAll{.begin = "", .end = "\xff"};

Entries scan_all(KvView& view, const KvRange& range, KvDirection direction) {
  Entries entries;
  const auto visit = [&entries](std::string_view key, std::string_view value) {
    entries.emplace_back(key, value);
    return true;
  };
  EXPECT_TRUE(view.scan(range, direction, visit));
  return entries;
}

std::optional<std::string> get(KvView& view, std::string_view key) {
  std::string value = "left over";
  const auto found = view.get(key, value);
  EXPECT_TRUE(found);
  return *found ? std::optional(value) : std::nullopt;
}

std::string key_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return "k" + std::string(8 - digits.size(), '0') + digits;
}

void put_and_commit(MemoryEngine& engine, std::string_view key, std::string_view value) {
  const auto batch = engine.begin().value();
  ASSERT_TRUE(batch->put(key, value));
  ASSERT_TRUE(batch->commit());
}

TEST(MemoryEngine, AViewSeesWhatWasCommittedBeforeAndNothingLater) {
  MemoryEngine engine;
  const auto empty = engine.view().value();
  put_and_commit(engine, "a", "1");
  const auto first = engine.view().value();
  put_and_commit(engine, "a", "2");
  put_and_commit(engine, "b", "3");
  const auto second = engine.view().value();
  EXPECT_EQ(get(*empty, "a"), std::nullopt);
  EXPECT_EQ(get(*first, "a"), "1");
  EXPECT_EQ(get(*first, "b"), std::nullopt);
  EXPECT_EQ(scan_all(*second, kAll, KvDirection::forward), (Entries{{"a", "2"}, {"b", "3"}}));
}

TEST(MemoryEngine, ABatchReadsItsOwnWritesAndNobodyElseDoes) {
  MemoryEngine engine;
  put_and_commit(engine, "a", "1");
  put_and_commit(engine, "b", "1");
  put_and_commit(engine, "d", "1");
  const auto batch = engine.begin().value();
  ASSERT_TRUE(batch->put("a", "2"));
  ASSERT_TRUE(batch->erase("b"));
  ASSERT_TRUE(batch->erase("not there"));
  ASSERT_TRUE(batch->put("c", "2"));
  const Entries expected = {{"a", "2"}, {"c", "2"}, {"d", "1"}};
  EXPECT_EQ(scan_all(*batch, kAll, KvDirection::forward), expected);
  EXPECT_EQ(scan_all(*batch, kAll, KvDirection::backward),
            Entries(expected.rbegin(), expected.rend()));
  EXPECT_EQ(get(*batch, "b"), std::nullopt);
  EXPECT_EQ(get(*engine.view().value(), "b"), "1");
}

TEST(MemoryEngine, ABatchDroppedLeavesNothing) {
  MemoryEngine engine;
  put_and_commit(engine, "a", "1");
  {
    const auto batch = engine.begin().value();
    for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(batch->put(key_of(i), "x"));
    ASSERT_TRUE(batch->erase("a"));
  }
  EXPECT_EQ(scan_all(*engine.view().value(), kAll, KvDirection::forward), (Entries{{"a", "1"}}));
}

TEST(MemoryEngine, RefusesASecondBatchAndASecondCommit) {
  MemoryEngine engine;
  auto batch = engine.begin().value();
  const auto second = engine.begin();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_TRUE(batch->commit());
  EXPECT_FALSE(batch->commit());
  batch.reset();
  EXPECT_TRUE(engine.begin());
}

TEST(MemoryEngine, AScanEndsWhenTheVisitorSaysSo) {
  MemoryEngine engine;
  const auto batch = engine.begin().value();
  for (std::uint64_t i = 0; i < 500; ++i) ASSERT_TRUE(batch->put(key_of(i), ""));
  const KvRange range{.begin = key_of(100), .end = key_of(400)};
  for (const KvDirection direction : {KvDirection::forward, KvDirection::backward}) {
    std::vector<std::string> keys;
    const auto visit = [&keys](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return keys.size() < 150;
    };
    ASSERT_TRUE(batch->scan(range, direction, visit));
    ASSERT_EQ(keys.size(), 150U);
    EXPECT_EQ(keys.front(), key_of(direction == KvDirection::forward ? 100 : 399));
    EXPECT_EQ(keys.back(), key_of(direction == KvDirection::forward ? 249 : 250));
  }
}

TEST(MemoryEngine, AnEmptiedMapTakesEntriesAgain) {
  MemoryEngine engine;
  for (int round = 0; round < 3; ++round) {
    auto batch = engine.begin().value();
    for (std::uint64_t i = 0; i < 3000; ++i) ASSERT_TRUE(batch->put(key_of(i), "x"));
    ASSERT_TRUE(batch->commit());
    batch.reset();
    batch = engine.begin().value();
    for (std::uint64_t i = 0; i < 3000; ++i) {
      ASSERT_TRUE(batch->erase(key_of(round == 0 ? i : 2999 - i)));
    }
    EXPECT_TRUE(scan_all(*batch, kAll, KvDirection::backward).empty());
    ASSERT_TRUE(batch->commit());
  }
  EXPECT_TRUE(scan_all(*engine.view().value(), kAll, KvDirection::forward).empty());
}

/// Random operations on the engine and on a std::map; views taken on the way keep the map of
/// their moment.
class MemoryEngineModel : public testing::Test {
 protected:
  struct Past {
    std::unique_ptr<KvView> view;
    Model model;
  };

  std::string key() { return key_of(random_() % key_count_); }

  void change(KvBatch& batch, Model& model) {
    const std::string k = key();
    if (random_() % 100 < erase_percent_) {
      ASSERT_TRUE(batch.erase(k));
      model.erase(k);
    } else {
      const std::string v = std::to_string(random_());
      ASSERT_TRUE(batch.put(k, v));
      model[k] = v;
    }
  }

  void compare(KvView& view, const Model& model) {
    const std::string a = key();
    const std::string b = key();
    const KvRange range{.begin = std::min(a, b), .end = std::max(a, b)};
    const auto found = model.find(a);
    EXPECT_EQ(get(view, a), found == model.end() ? std::nullopt : std::optional(found->second));
    if (range.begin == range.end) return;
    const Entries expected(model.lower_bound(range.begin), model.lower_bound(range.end));
    EXPECT_EQ(scan_all(view, range, KvDirection::forward), expected);
    EXPECT_EQ(scan_all(view, range, KvDirection::backward),
              Entries(expected.rbegin(), expected.rend()));
  }

  void run(int batches, std::size_t changes_max) {
    for (int i = 0; i < batches && !HasFatalFailure(); ++i) {
      const auto batch = engine_.begin().value();
      Model next = now_;
      for (std::size_t n = random_() % (changes_max + 1); n > 0; --n) change(*batch, next);
      compare(*batch, next);
      if (random_() % 4 != 0) {
        ASSERT_TRUE(batch->commit());
        now_ = std::move(next);
      }
      if (random_() % 4 == 0) past_.push_back({.view = engine_.view().value(), .model = now_});
      if (!past_.empty()) {
        const std::size_t at = random_() % past_.size();
        compare(*past_[at].view, past_[at].model);
        if (past_.size() > 8) past_.erase(past_.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    for (const Past& past : past_) {
      EXPECT_EQ(scan_all(*past.view, kAll, KvDirection::forward),
                Entries(past.model.begin(), past.model.end()));
    }
    past_.clear();
  }

  std::uint64_t seed_ = std::random_device{}();
  std::mt19937_64 random_{seed_};
  testing::ScopedTrace trace_{__FILE__, __LINE__, testing::Message() << "seed " << seed_};
  std::uint64_t key_count_ = 5000;
  std::uint64_t erase_percent_ = 30;
  MemoryEngine engine_;
  Model now_;
  std::vector<Past> past_;
};

TEST_F(MemoryEngineModel, GrowsLikeAMap) {
  run(300, 100);
}

TEST_F(MemoryEngineModel, ShrinksLikeAMap) {
  run(100, 200);
  erase_percent_ = 90;
  run(300, 100);
}

TEST_F(MemoryEngineModel, ManySmallBatchesOnFewKeys) {
  key_count_ = 40;
  erase_percent_ = 50;
  run(2000, 3);
}

TEST(MemoryEngine, OverwritesDoNotGrow) {
  MemoryEngine engine;
  auto batch = engine.begin().value();
  for (std::uint64_t i = 0; i < 5000; ++i) ASSERT_TRUE(batch->put(key_of(i), "x"));
  ASSERT_TRUE(batch->commit());
  batch.reset();
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto before = engine.view().value();  // a reader that goes away
    put_and_commit(engine, key_of(i % 10), std::to_string(i));
    ASSERT_LT(engine.retained(), 64U);
  }
  put_and_commit(engine, "head", "last");
  EXPECT_EQ(engine.retained(), 0U);
}

TEST(MemoryEngine, WhatASlowReaderKeptIsFreedSoonAfterIt) {
  MemoryEngine engine;
  auto slow = engine.view().value();
  for (std::uint64_t i = 0; i < 20'000; ++i) put_and_commit(engine, "head", std::to_string(i));
  EXPECT_GT(engine.retained(), 20'000U);
  EXPECT_EQ(get(*slow, "head"), std::nullopt);
  slow.reset();
  for (std::uint64_t i = 0; i < 200; ++i) put_and_commit(engine, "head", std::to_string(i));
  EXPECT_EQ(engine.retained(), 0U);
}

/// The sum over all accounts never changes, but each commit moves money between two of them: a
/// view that mixed two commits would show another sum. Under TSan it also shows every race.
TEST(MemoryEngine, ReadersSeeWholeCommitsWhileTheWriterGoesOn) {
  constexpr std::uint64_t kAccounts = 300;
  constexpr std::int64_t kEach = 1000;
  MemoryEngine engine;
  {
    const auto batch = engine.begin().value();
    for (std::uint64_t i = 0; i < kAccounts; ++i) {
      ASSERT_TRUE(batch->put(key_of(i), std::to_string(kEach)));
    }
    ASSERT_TRUE(batch->commit());
  }
  std::atomic<bool> stop = false;
  std::array<std::atomic<int>, 3> rounds{};
  const auto read = [&](std::atomic<int>& done) {
    while (!stop) {
      const auto view = engine.view().value();
      for (const KvDirection direction : {KvDirection::forward, KvDirection::backward}) {
        std::int64_t sum = 0;
        for (const auto& [key, value] : scan_all(*view, kAll, direction)) {
          if (key[0] == 'k') sum += std::stoll(value);
        }
        EXPECT_EQ(sum, static_cast<std::int64_t>(kAccounts) * kEach);
      }
      ++done;
    }
  };
  std::vector<std::jthread> readers;
  readers.reserve(rounds.size());
  for (auto& done : rounds) readers.emplace_back(read, std::ref(done));
  std::mt19937_64 random(7);
  const auto enough = [](const std::atomic<int>& done) { return done >= 50; };
  for (int i = 0; i < 3000 || !std::ranges::all_of(rounds, enough); ++i) {
    const auto batch = engine.begin().value();
    const std::string from = key_of(random() % kAccounts);
    const std::string to = key_of(random() % kAccounts);
    ASSERT_TRUE(batch->put(from, std::to_string(std::stoll(*get(*batch, from)) - 1)));
    ASSERT_TRUE(batch->put(to, std::to_string(std::stoll(*get(*batch, to)) + 1)));
    ASSERT_TRUE(batch->put("x" + std::to_string(i % 2000), "other"));
    ASSERT_TRUE(batch->erase("x" + std::to_string((i + 500) % 2000)));
    if (i % 10 == 0) continue;  // dropped
    ASSERT_TRUE(batch->commit());
  }
  stop = true;
}

}  // namespace
}  // namespace msg::memory
