// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace msg {

/// Decides how long a batch waits for more. Callers that wait for their answer tend to call again
/// at once, but not before the next batch is taken: without a wait they fall into two halves that
/// take turns, and every commit carries one half only. So a batch waits, for at most a fraction of
/// what a commit costs, until there are as many as called lately. Where that does not come true
/// (callers that come and go) it is given up, and tried again now and then. A lone caller, and a
/// queue that is long anyway, never wait.
///
/// Test: tests/unit/gathering_test.cpp. Thread safety: one thread.
class Gathering {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// A batch of `size` took `spent`; `waiting` came meanwhile.
  void committed(std::size_t size, std::size_t waiting, Duration spent) {
    callers_ = size + waiting;
    patience_ = std::min<Duration>(spent / kShare, kPatienceMax);
    if (patience_ < kPatienceMin) patience_ = {};
    ++batches_;
  }

  /// How many to wait for, and how long.
  std::size_t wanted() const {
    const bool is_likely = misses_ < kMissesMax || batches_ % kTryEvery == 0;
    return is_likely && patience_ > Duration{} ? callers_ : 1;
  }
  Duration patience() const { return patience_; }

  /// What came of waiting.
  void waited(bool in_vain) { misses_ = in_vain ? std::min(misses_ + 1, kMissesMax) : 0; }

 private:
  static constexpr int kShare = 4;
  /// To fall asleep and wake up takes longer.
  static constexpr Duration kPatienceMin = std::chrono::microseconds(20);
  static constexpr Duration kPatienceMax = std::chrono::milliseconds(2);
  static constexpr int kMissesMax = 4;
  static constexpr std::size_t kTryEvery = 64;

  std::size_t callers_{1};
  Duration patience_{};
  int misses_{0};
  std::size_t batches_{0};
};

}  // namespace msg
