// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "msg/types.h"

namespace msg {

/// Hybrid logical clock: as near to real time as it can be and always rising, whatever the real
/// clock does. Thread safety: one thread.
class VersionClock {
 public:
  explicit VersionClock(Version last) : last_(to_int(last)) {}

  Version next(Time now) {
    raise(peek(now, last()));
    return last();
  }

  /// What next() would give if it knew of a version from elsewhere.
  Version peek(Time now, Version other) const {
    const auto moment = static_cast<std::int64_t>(now.time_since_epoch().count()) << 16;
    return Version{std::max({last_ + 1, to_int(other) + 1, moment})};
  }

  /// Takes note of a version: the next ones are above it.
  void raise(Version other) { last_ = std::max(last_, to_int(other)); }

  Version last() const { return Version{last_}; }

 private:
  std::int64_t last_;
};

/// The first version of a moment.
constexpr Version version_at(Time time) {
  return Version{static_cast<std::int64_t>(time.time_since_epoch().count()) << 16};
}

/// Makes ids: milliseconds since 2024, node, counter. A clock that goes back only lets the counter
/// run on, so ids stay unique while the process lives; after a restart the caller's look into the
/// store settles a clash. Thread safety: one thread.
class IdSource {
 public:
  explicit IdSource(int node) : node_(node) {}

  std::int64_t next(Time now) {
    last_ = std::max(last_ + 1, first_of(now));
    return ((last_ >> 12) << 22) | (std::int64_t{node_} << 12) | (last_ & 0xFFF);
  }

  /// Others had the number, and made ids until then, by a clock that need not be ours.
  void raise(Version newest) {
    const Time then{std::chrono::milliseconds(to_int(newest) >> 16)};
    last_ = std::max(last_, first_of(then + std::chrono::milliseconds(1)) - 1);
  }
  /// From the next on.
  void set_node(int node) { node_ = node; }

 private:
  /// Milliseconds since 2024, and room for the counter.
  static std::int64_t first_of(Time time) {
    constexpr Time kEpoch{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}};
    return std::max<std::int64_t>((time - kEpoch).count(), 1) << 12;
  }

  int node_;
  std::int64_t last_{0};
};

}  // namespace msg
