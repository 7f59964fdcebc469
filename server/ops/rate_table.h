// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

namespace msgd {

/// How much may be done: `burst` at once when nothing was done for long, and `per_second` on
/// average. burst 0: no limit.
struct RateRule {
  std::uint32_t burst{0};  ///< 0–1,000,000
  double per_second{0};    ///< 0.0001–1,000,000

  bool is_off() const { return burst == 0; }
};

struct RateVerdict {
  bool allowed{true};
  std::uint32_t remaining{0};               ///< Of the burst, now.
  std::chrono::nanoseconds retry_after{0};  ///< Of a refusal: until the next one is allowed.
  std::chrono::nanoseconds full_after{0};   ///< Until the whole burst is there again.
};

/// Token buckets of one rule, for any number of subjects in a fixed amount of memory.
///
/// A bucket is one time (GCRA): when it will be full again. One that is full needs no place, so a
/// place is free as soon as its time has passed. The table has sets of kWays places; which set a
/// subject belongs to is decided by a hash with a secret, so nobody can choose whom to share with.
///
/// When all places of a set are taken, the emptiest debt makes way, and the newcomer takes that
/// debt over instead of starting with a full bucket. So whoever is pushed out, by however many
/// others, finds at least as much debt when he comes back: nothing is ever given away, and at worst
/// a newcomer gets less than his burst.
///
/// Thread safety: all calls from any thread.
class RateTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Secret = std::array<std::uint8_t, 16>;
  static constexpr std::size_t kWays = 8;

  /// `places` is rounded up to a power of two, at least kWays; 16 bytes each, which the system
  /// gives as they are used.
  RateTable(RateRule rule, std::size_t places, const Secret& secret);

  /// Takes one from the bucket of `subject`, if there is one.
  RateVerdict take(std::span<const std::uint8_t> subject, Time now);

  /// Takes `count` that were taken elsewhere. Nobody owes more than a whole burst for it.
  void charge(std::span<const std::uint8_t> subject, std::uint32_t count, Time now);

  const RateRule& rule() const { return rule_; }

 private:
  struct Place {
    std::uint64_t tag;
    std::int64_t full_at;  // nanoseconds of the clock
  };
  struct Free {
    void operator()(Place* places) const noexcept;
  };
  static constexpr std::size_t kLocks = 64;

  Place& place_of(std::uint64_t hash, std::int64_t now);

  const RateRule rule_;
  const Secret secret_;
  const std::int64_t interval_;  // nanoseconds for one
  const std::int64_t depth_;     // of a whole burst
  std::size_t sets_{1};
  std::unique_ptr<Place[], Free> places_;
  std::array<std::mutex, kLocks> locks_;
};

}  // namespace msgd
