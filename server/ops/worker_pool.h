// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace msgd {

/// Who goes first when there is not enough for all.
enum class Urgency : std::uint8_t {
  normal,  ///< Sends, receipts, sign-in, and what keeps the server going.
  low,     ///< Pages of history and lists: they can be asked for again.
};

struct WorkerOptions {
  unsigned threads{4};
  std::size_t queue_max{1024};
  /// When what waits longest has waited this long, one more is refused; of low urgency, half as
  /// long.
  std::chrono::milliseconds wait_max{200};
  std::function<std::chrono::steady_clock::time_point()> clock{std::chrono::steady_clock::now};
};

/// A few threads for calls that block, in front of them a bounded queue for each urgency. Whoever
/// would have to wait too long is refused at once: that costs next to nothing, while a queue that
/// stands costs everybody in it the same delay and serves nobody sooner. A burst that the threads
/// work off within the time is taken whole.
///
/// While there is work of normal urgency, one in kLowEvery is of low urgency.
///
/// Thread safety: all but stop() from any thread; stop() from one outside the pool.
class WorkerPool {
 public:
  static constexpr unsigned kLowEvery = 8;

  explicit WorkerPool(WorkerOptions options);
  ~WorkerPool();  ///< Stops.
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Queues `work`. False, and nothing done, when too much waits, or too long, or the pool stops.
  /// What `work` throws is logged.
  bool try_post(std::function<void()> work, Urgency urgency = Urgency::normal);

  std::size_t queued() const;
  /// How long what waits longest has waited.
  std::chrono::nanoseconds longest_wait() const;
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

  /// Finishes what is queued, then ends the threads. May be repeated.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    std::function<void()> work;
    Time since;
  };
  using Lane = std::deque<Waiting>;

  Lane& lane(Urgency urgency) { return lanes_[static_cast<std::size_t>(urgency)]; }
  bool has_room(Urgency urgency, Time now);
  Lane* next_lane();
  void run(unsigned number);

  const WorkerOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::array<Lane, 2> lanes_;
  unsigned turn_{0};
  bool stopping_{false};
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::thread> threads_;
};

}  // namespace msgd
