// SPDX-License-Identifier: Apache-2.0
#include "ops/rate_table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <unordered_map>

namespace msgd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = RateTable::Time;

constexpr RateTable::Secret kSecret{1, 2, 3};
constexpr RateRule kSends{.burst = 60, .per_second = 1};

std::array<std::uint8_t, 8> subject(std::uint64_t n) {
  std::array<std::uint8_t, 8> bytes{};
  std::memcpy(bytes.data(), &n, sizeof n);
  return bytes;
}

TEST(RateTable, GivesTheBurstAndThenOneAfterTheOther) {
  RateTable table(kSends, 1024, kSecret);
  Time now{seconds{1000}};
  for (unsigned left = 60; left-- > 0;) {
    const auto verdict = table.take(subject(1), now);
    ASSERT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.full_after, seconds{60 - left});
  }
  const auto refused = table.take(subject(1), now);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, seconds{1});
  EXPECT_FALSE(table.take(subject(1), now + milliseconds{999}).allowed);
  EXPECT_TRUE(table.take(subject(1), now + seconds{1}).allowed);
  EXPECT_FALSE(table.take(subject(1), now + seconds{1}).allowed);
  EXPECT_TRUE(table.take(subject(2), now).allowed) << "another's bucket";
  // A refusal costs nothing: after the time that was named one is to be had, however often asked.
  now += seconds{2};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(table.take(subject(1), now).allowed, i == 0);
  }
}

TEST(RateTable, NeverHoldsMoreThanTheBurst) {
  RateTable table(kSends, 1024, kSecret);
  EXPECT_TRUE(table.take(subject(1), Time{seconds{10}}).allowed);
  const Time much_later{seconds{1'000'000}};
  int allowed = 0;
  for (int i = 0; i < 200; ++i) allowed += table.take(subject(1), much_later).allowed ? 1 : 0;
  EXPECT_EQ(allowed, 60);
}

TEST(RateTable, WithoutABurstThereIsNoLimit) {
  RateTable table({}, 8, kSecret);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(table.take(subject(1), Time{}).allowed);
}

TEST(RateTable, SlowRulesKeepTheirPrecision) {
  RateTable table({.burst = 5, .per_second = 0.003}, 1024, kSecret);
  const Time now{seconds{5}};
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(table.take(subject(1), now).allowed);
  const auto refused = table.take(subject(1), now);
  EXPECT_FALSE(refused.allowed);
  EXPECT_NEAR(std::chrono::duration<double>(refused.retry_after).count(), 333.3, 0.1);
}

// One exact bucket for each subject, whatever their number.
class Model {
 public:
  explicit Model(RateRule rule) : rule_(rule) {}
  bool take(std::uint64_t who, double now) {
    auto [bucket, fresh] = buckets_.try_emplace(who, Bucket{double(rule_.burst), now});
    auto& [tokens, at] = bucket->second;
    tokens = std::min(double(rule_.burst), tokens + (now - at) * rule_.per_second);
    at = now;
    if (tokens < 1 - 1e-6) return false;
    tokens -= 1;
    return true;
  }

 private:
  struct Bucket {
    double tokens;
    double at;
  };
  RateRule rule_;
  std::unordered_map<std::uint64_t, Bucket> buckets_;
};

// With room for all it is exact.
TEST(RateTable, IsAsExactAsOneBucketForEach) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const RateRule rule{.burst = 7, .per_second = 2};
  RateTable table(rule, 65'536, kSecret);
  Model model(rule);
  std::int64_t ms = 0;
  for (int i = 0; i < 200'000; ++i) {
    ms += static_cast<std::int64_t>(random() % 10);
    const std::uint64_t who = random() % 20;
    ASSERT_EQ(table.take(subject(who), Time{milliseconds{ms}}).allowed,
              model.take(who, double(ms) / 1000));
  }
}

// The dearest attack: enough others, each with more debt, to push somebody out of a table that has
// one set only.
TEST(RateTable, WhoIsPushedOutFindsHisDebtAgain) {
  RateTable table(kSends, RateTable::kWays, kSecret);
  const auto take_all = [&](std::uint64_t who, Time now) {
    int taken = 0;
    while (table.take(subject(who), now).allowed) ++taken;
    return taken;
  };
  const Time now{seconds{1000}};
  EXPECT_EQ(take_all(0, now), 60);
  for (std::uint64_t who = 1; who < RateTable::kWays; ++who) {
    EXPECT_EQ(take_all(who, now + seconds{1}), 60);
  }
  EXPECT_EQ(take_all(99, now + seconds{1}), 1) << "a newcomer takes over the least debt";
  EXPECT_EQ(take_all(0, now + seconds{1}), 0) << "whom he pushed out has gained nothing";
  EXPECT_LE(take_all(0, now + seconds{10}), 10);
}

// A flood of subjects much larger than the table: whoever has used up his burst stays refused.
TEST(RateTable, NobodyIsForgottenInAFlood) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  RateTable table(kSends, 64, kSecret);
  Model model(kSends);
  std::int64_t ms = 0;
  std::uint64_t stranger = 1'000'000;
  int given = 0;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 500; ++i) table.take(subject(stranger++), Time{milliseconds{ms}});
    ms += 100;
    for (std::uint64_t who = 0; who < 3; ++who) {
      for (int i = 0; i < 5; ++i) {
        const bool allowed = table.take(subject(who), Time{milliseconds{ms}}).allowed;
        given += allowed ? 1 : 0;
        // The model is asked for no more than the table gives.
        if (!allowed) continue;
        ASSERT_TRUE(model.take(who, double(ms) / 1000)) << "round " << round << ": too much";
      }
    }
  }
  EXPECT_GT(given, 0);
}

TEST(RateTable, TakesWhatWasTakenElsewhereUpToABurst) {
  RateTable table(kSends, 1024, kSecret);
  const Time now{seconds{1000}};
  table.charge(subject(1), 50, now);
  EXPECT_EQ(table.take(subject(1), now).remaining, 9u);
  table.charge(subject(1), 4'000'000'000, now);
  const auto refused = table.take(subject(1), now);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, seconds{1}) << "as after one burst, not after many";
  EXPECT_TRUE(table.take(subject(2), now).allowed);
}

}  // namespace
}  // namespace msgd
