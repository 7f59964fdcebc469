// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace msgd {

/// How often a session went on asking although it was told to wait. One a second is forgotten; a
/// session that has kBurst on its account has not understood.
///
/// Thread safety: none, one thread.
class RefusalCount {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr int kBurst = 30;

  /// Counts one more.
  bool is_too_many(Time now) {
    gone_at_ = std::max(gone_at_, now) + std::chrono::seconds{1};
    return gone_at_ - now > std::chrono::seconds{kBurst};
  }

 private:
  Time gone_at_{Time::min()};
};

}  // namespace msgd
