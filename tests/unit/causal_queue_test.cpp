// SPDX-License-Identifier: Apache-2.0
#include "feed/causal_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace msg {
namespace {

constexpr std::size_t kWriters = 4;

Version version(std::int64_t number) {
  return Version{number};
}

News news(std::size_t writer, std::int64_t before, std::int64_t last, Horizon built_on = {}) {
  return {.writer = writer,
          .life = 7,
          .before = version(before),
          .last = version(last),
          .built_on = built_on,
          .items = {},
          .heard_at = {}};
}

Horizon at(std::size_t writer, std::int64_t number) {
  Horizon horizon;
  horizon.up_to.at(writer) = version(number);
  return horizon;
}

/// Commits of writers that each see now more, now less of what the others did.
std::vector<News> make_history(std::mt19937& dice, std::size_t commits) {
  std::vector<News> history;
  Horizon now;
  for (std::size_t i = 0; i < commits; ++i) {
    const std::size_t writer = dice() % kWriters;
    const Version before = now.up_to.at(writer);
    const Version last = version(to_int(before) + 1 + static_cast<std::int64_t>(dice() % 3));
    Horizon built_on = dice() % 2 == 0 ? now : Horizon{};
    built_on.up_to.at(writer) = last;  // a store says so of itself, too
    News made = news(writer, 0, 0, built_on);
    made.before = before;
    made.last = last;
    history.push_back(made);
    now.up_to.at(writer) = last;
  }
  return history;
}

/// Hears of each at most `late` places later than it was made, and of some twice.
std::vector<News> disorder(std::vector<News> history, std::mt19937& dice, std::size_t late) {
  std::vector<std::pair<std::size_t, News>> heard;
  for (std::size_t i = 0; i < history.size(); ++i) {
    heard.emplace_back(i + dice() % late, history[i]);
    if (dice() % 4 == 0) heard.emplace_back(i + dice() % (3 * late), history[i]);
  }
  std::ranges::stable_sort(heard, {}, [](const auto& item) { return item.first; });
  std::vector<News> result;
  for (auto& item : heard) result.push_back(std::move(item.second));
  return result;
}

bool is_built_on_what_was_reached(const News& told, Horizon reached) {
  reached.up_to.at(told.writer) = told.last;
  return told.built_on.within(reached);
}

TEST(CausalQueue, TellsEverythingOnceAndNothingBeforeWhatItWasBuiltOn) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 dice(seed);
    const auto history = make_history(dice, 300);
    CausalQueue queue({});
    std::size_t told = 0;
    for (News& heard : disorder(history, dice, 1 + seed % 40)) {
      queue.add(std::move(heard));
      while (const auto next = queue.take()) {
        const Horizon reached = queue.reached().horizon;
        ASSERT_EQ(next->before, reached.up_to.at(next->writer));
        ASSERT_TRUE(is_built_on_what_was_reached(*next, reached));
        queue.told(*next);
        ++told;
      }
    }
    EXPECT_EQ(told, history.size());
    EXPECT_EQ(queue.size(), 0u);
  }
}

TEST(CausalQueue, WaitsForWhatIsMissing) {
  CausalQueue queue({});
  News second = news(1, 5, 6);
  second.heard_at += std::chrono::seconds(3);
  queue.add(std::move(second));
  News other = news(2, 0, 1, at(1, 6));
  other.heard_at += std::chrono::seconds(2);
  queue.add(std::move(other));
  EXPECT_FALSE(queue.take());
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.waits_since(), std::chrono::steady_clock::time_point{std::chrono::seconds(2)});
  queue.add(news(1, 0, 5));
  for (const auto& [writer, last] : {std::pair{1, 5}, {1, 6}, {2, 1}}) {
    const auto next = queue.take();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->writer, static_cast<std::size_t>(writer));
    EXPECT_EQ(next->last, version(last));
    queue.told(*next);
  }
  EXPECT_EQ(queue.reached().tags.at(1), 7u);
  EXPECT_FALSE(queue.waits_since());
}

/// A store that was restored goes on from where it was.
TEST(CausalQueue, TellsNothingInOrderBehindALossOfTheStore) {
  CausalQueue queue({});
  queue.add(news(0, 0, 100));
  queue.told(*queue.take());
  queue.add(news(0, 90, 101));
  EXPECT_FALSE(queue.take());
  EXPECT_TRUE(queue.waits_since());
}

TEST(CausalQueue, GoesOnOutOfOrderWhereThatIsAskedFor) {
  CausalQueue queue({});
  queue.add(news(0, 3, 4, at(2, 9)));
  queue.add(news(0, 4, 5));
  auto next = queue.take_out_of_order();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->last, version(4));
  queue.told(*next);
  next = queue.take_out_of_order();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->last, version(5));
  EXPECT_FALSE(queue.take_out_of_order());
}

TEST(CausalQueue, KnowsAfterAJumpWhatIsOfIt) {
  CausalQueue queue({});
  queue.add(news(0, 1, 2));
  queue.add(news(0, 2, 3, at(1, 4)));
  queue.add(news(1, 8, 9));
  Position position;
  position.horizon.up_to.at(0) = version(2);
  position.horizon.up_to.at(1) = version(4);
  queue.jump(position);
  queue.add(news(1, 3, 4));  // which is late
  EXPECT_EQ(queue.size(), 2u);
  const auto next = queue.take();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->last, version(3));
  queue.told(*next);
  EXPECT_FALSE(queue.take());
}

}  // namespace
}  // namespace msg
