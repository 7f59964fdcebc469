// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace msgd {

/// A few threads for calls that block, in front of them a bounded queue. When it is full the
/// caller must say no: waiting longer helps nobody.
///
/// Thread safety: try_post() and queued() from any thread; stop() from one outside the pool.
class WorkerPool {
 public:
  WorkerPool(unsigned threads, std::size_t queue_max);
  ~WorkerPool();  ///< Stops.
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Queues `work`. False, and nothing done, when the queue is full or the pool stops. What
  /// `work` throws is logged.
  bool try_post(std::function<void()> work);

  std::size_t queued() const;

  /// Finishes what is queued, then ends the threads. May be repeated.
  void stop();

 private:
  void run(unsigned number);

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace msgd
