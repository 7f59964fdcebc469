// SPDX-License-Identifier: Apache-2.0
#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace msgd {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint{} + 5min;
constexpr auto kTick = TimerWheel::kTick;

struct Entry : TimerEntry {
  void on_timer(TimePoint now) override {
    fired.push_back(now);
    if (then) then(now);
  }
  std::vector<TimePoint> fired;
  std::function<void(TimePoint)> then;
};

TEST(TimerWheel, IsNeverEarlyAndAtMostATickLate) {
  TimerWheel wheel(kStart);
  std::mt19937 random(3);
  struct Timed {
    Entry entry;
    TimePoint due;
  };
  std::vector<std::unique_ptr<Timed>> all;
  for (int i = 0; i < 2000; ++i) {
    all.push_back(std::make_unique<Timed>());
    all.back()->due = kStart + std::chrono::milliseconds(random() % 300'000);  // over two turns
    wheel.schedule(all.back()->entry, all.back()->due);
  }
  for (TimePoint now = kStart; now < kStart + 310s; now += 50ms) wheel.advance(now);
  for (const auto& timed : all) {
    ASSERT_EQ(timed->entry.fired.size(), 1u);
    EXPECT_GE(timed->entry.fired[0], timed->due);
    EXPECT_LE(timed->entry.fired[0], timed->due + kTick + 50ms);
  }
  EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, KeepsOnlyTheLastDeadlineOfAnEntry) {
  TimerWheel wheel(kStart);
  Entry entry;
  wheel.schedule(entry, kStart + 1s);
  wheel.schedule(entry, kStart + 10s);
  wheel.advance(kStart + 5s);
  EXPECT_TRUE(entry.fired.empty());
  wheel.schedule(entry, kStart + 6s);
  wheel.advance(kStart + 7s);
  EXPECT_EQ(entry.fired.size(), 1u);
  wheel.advance(kStart + 20s);
  EXPECT_EQ(entry.fired.size(), 1u);
}

TEST(TimerWheel, ForgetsWhatIsCancelledOrDestroyed) {
  TimerWheel wheel(kStart);
  Entry cancelled;
  TimerWheel::cancel(cancelled);
  wheel.schedule(cancelled, kStart + 1s);
  TimerWheel::cancel(cancelled);
  {
    Entry gone;
    wheel.schedule(gone, kStart + 1s);
    EXPECT_FALSE(wheel.empty());
  }
  EXPECT_TRUE(wheel.empty());
  wheel.advance(kStart + 5s);
  EXPECT_TRUE(cancelled.fired.empty());
}

TEST(TimerWheel, CallsADeadlineInThePastOnTheNextTick) {
  TimerWheel wheel(kStart);
  wheel.advance(kStart + 10s);
  Entry entry;
  wheel.schedule(entry, kStart);
  wheel.advance(kStart + 10s);
  EXPECT_TRUE(entry.fired.empty());
  wheel.advance(kStart + 10s + kTick);
  EXPECT_EQ(entry.fired.size(), 1u);
}

TEST(TimerWheel, LetsAnEntryScheduleCancelAndDestroyOthersWhileItIsCalled) {
  TimerWheel wheel(kStart);
  Entry first;
  Entry again;
  auto neighbour = std::make_unique<Entry>();
  Entry cancelled;
  first.then = [&](TimePoint now) {
    neighbour.reset();
    TimerWheel::cancel(cancelled);
    wheel.schedule(again, now);
    wheel.schedule(first, now + 1s);
  };
  for (Entry* entry : {&first, neighbour.get(), &cancelled}) wheel.schedule(*entry, kStart + 1s);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(first.fired.size(), 1u);
  EXPECT_TRUE(cancelled.fired.empty());
  EXPECT_TRUE(again.fired.empty());  // due now means the next tick
  wheel.advance(kStart + 2s + kTick);
  EXPECT_EQ(again.fired.size(), 1u);
  neighbour = std::make_unique<Entry>();
  wheel.advance(kStart + 4s);
  EXPECT_EQ(first.fired.size(), 2u);
}

TEST(TimerWheel, SurvivesAPauseOfHours) {
  TimerWheel wheel(kStart);
  Entry soon;
  Entry far;
  wheel.schedule(soon, kStart + 1s);
  wheel.schedule(far, kStart + 48h);
  wheel.advance(kStart + 24h);
  EXPECT_EQ(soon.fired.size(), 1u);
  EXPECT_TRUE(far.fired.empty());
  wheel.advance(kStart + 49h);
  EXPECT_EQ(far.fired.size(), 1u);
}

}  // namespace
}  // namespace msgd
