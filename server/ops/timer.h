// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace msgd {

/// Runs quick functions after a while, on one thread of its own. For deadlines and retries; work
/// that takes time belongs on the worker pool.
///
/// Thread safety: after() from any thread, the works included; stop() from one outside.
class Timer {
 public:
  Timer();
  ~Timer();  ///< Stops.
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Runs `work` once, not before `delay` has passed. After stop() it is destroyed unused.
  void after(std::chrono::milliseconds delay, std::function<void()> work);

  /// Waits for a running work; what waits is destroyed. May be repeated.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<Clock::time_point, std::function<void()>> waiting_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace msgd
