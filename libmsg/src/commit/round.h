// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

namespace msg {

/// The end of one commit, for all who wait for it: they sleep on one bell, so that the committing
/// thread makes one system call to wake them and not one for each. It is held by shared_ptr,
/// because who is woken may be gone before end() has returned.
///
/// They sleep at once: std::latch and std::atomic look for a while first, with a sched_yield() each
/// time, which cost 64 senders on two cores a third of their time.
///
/// Thread safety: any thread.
class Round {
 public:
  void end() {
    {
      const std::scoped_lock lock(mutex_);
      has_ended_ = true;
    }
    ended_.notify_all();
  }
  /// What was written before end() is seen after it.
  void wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return has_ended_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_{false};
};

/// Waits for the last of several rounds, at its end at the latest.
struct Awaited {
  std::shared_ptr<Round> last{};
  Awaited() = default;
  Awaited(const Awaited&) = delete;
  Awaited& operator=(const Awaited&) = delete;
  ~Awaited() { wait(); }
  void wait() {
    if (last) last->wait();
  }
};

}  // namespace msg
