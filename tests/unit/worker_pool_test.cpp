// SPDX-License-Identifier: Apache-2.0
#include "ops/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

namespace msgd {
namespace {

using std::chrono::milliseconds;

/// A pool of one thread that is kept busy, under a clock that stands until it is told.
class BusyPool {
 public:
  explicit BusyPool(std::size_t queue_max = 100)
      : pool_(
            {.threads = 1, .queue_max = queue_max, .wait_max = milliseconds{200}, .clock = [this] {
               return Time{milliseconds{now_ms_.load()}};
             }}) {
    EXPECT_TRUE(pool_.try_post([this] {
      begun_.set_value();
      gate_.get_future().wait();
    }));
    begun_.get_future().wait();
  }
  void advance(int ms) { now_ms_ += ms; }
  bool post(char name, Urgency urgency = Urgency::normal) {
    return pool_.try_post([this, name] { order_ += name; }, urgency);
  }
  /// What has run, in its order.
  std::string finish() {
    gate_.set_value();
    pool_.stop();
    return order_;
  }
  WorkerPool& pool() { return pool_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  std::atomic<int> now_ms_{1000};
  std::promise<void> begun_;
  std::promise<void> gate_;
  std::string order_;  // of the one thread
  WorkerPool pool_;
};

TEST(WorkerPool, RefusesWhenItsQueueIsFull) {
  BusyPool busy(3);
  EXPECT_TRUE(busy.post('a'));
  EXPECT_TRUE(busy.post('b'));
  EXPECT_TRUE(busy.post('c'));
  EXPECT_FALSE(busy.post('d'));
  EXPECT_TRUE(busy.post('l', Urgency::low)) << "a queue of its own";
  EXPECT_EQ(busy.pool().queued(), 4U);
  EXPECT_EQ(busy.pool().refused(), 1U);
  EXPECT_EQ(busy.finish(), "abcl");
}

TEST(WorkerPool, RefusesWhileTheQueueStands) {
  BusyPool busy;
  EXPECT_TRUE(busy.post('a'));
  busy.advance(199);
  EXPECT_TRUE(busy.post('b'));
  busy.advance(1);
  EXPECT_FALSE(busy.post('c')) << "a has waited for 200 ms";
  EXPECT_EQ(busy.pool().longest_wait(), milliseconds{200});
  EXPECT_EQ(busy.finish(), "ab") << "what was taken is done";
}

TEST(WorkerPool, RefusesWhatIsLessUrgentSooner) {
  BusyPool busy;
  EXPECT_TRUE(busy.post('l', Urgency::low));
  busy.advance(100);
  EXPECT_FALSE(busy.post('m', Urgency::low));
  EXPECT_TRUE(busy.post('a')) << "and the urgent not at all";
  EXPECT_EQ(busy.finish(), "al");
}

TEST(WorkerPool, LessUrgentWorkDoesNotQueueBehindWhatStands) {
  BusyPool busy;
  EXPECT_TRUE(busy.post('a'));
  busy.advance(99);
  EXPECT_TRUE(busy.post('l', Urgency::low));
  busy.advance(1);
  EXPECT_FALSE(busy.post('m', Urgency::low));
  EXPECT_EQ(busy.finish(), "al");
}

TEST(WorkerPool, LessUrgentWorkIsNotStarved) {
  BusyPool busy;
  EXPECT_TRUE(busy.post('l', Urgency::low));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(busy.post('a'));
  const std::string order = busy.finish();
  EXPECT_LT(order.find('l'), WorkerPool::kLowEvery);
  EXPECT_GT(order.find('l'), 0U);
}

TEST(WorkerPool, AnIdlePoolTakesEverythingWhateverTheTime) {
  WorkerPool pool({.threads = 2, .queue_max = 1, .wait_max = milliseconds{1}});
  for (int i = 0; i < 100; ++i) {
    std::promise<void> done;
    ASSERT_TRUE(pool.try_post([&] { done.set_value(); }));
    done.get_future().wait();
  }
  EXPECT_EQ(pool.longest_wait(), milliseconds{0});
}

}  // namespace
}  // namespace msgd
