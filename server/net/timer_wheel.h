// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace msgd {

using TimePoint = std::chrono::steady_clock::time_point;

/// Something with one deadline. It leaves its wheel when it is destroyed.
class TimerEntry : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  TimerEntry() = default;
  TimerEntry(const TimerEntry&) = delete;
  TimerEntry& operator=(const TimerEntry&) = delete;

  /// The deadline has passed; the entry is in no wheel any more. It may schedule itself again,
  /// cancel or destroy any entry, itself included.
  virtual void on_timer(TimePoint now) = 0;

 protected:
  virtual ~TimerEntry() = default;

 private:
  friend class TimerWheel;
  std::uint64_t due_tick_{0};
};

/// Deadlines of many connections at a constant cost each: entries hang in 512 slots, one per tick,
/// and a deadline further away than that is looked at once per turn.
///
/// Never early; late by at most one tick plus the lateness of advance(). Knows no clock: time is
/// an argument. The entries must leave (or be destroyed) before the wheel.
///
/// Thread safety: none, one thread.
class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{250};

  explicit TimerWheel(TimePoint start) : start_(start) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Sets or replaces the entry's deadline.
  void schedule(TimerEntry& entry, TimePoint deadline);

  /// Takes the deadline away; nothing happens when there is none.
  static void cancel(TimerEntry& entry) {
    if (entry.is_linked()) entry.unlink();
  }

  /// Calls on_timer() of everything due at `now`.
  void advance(TimePoint now);

  /// Whether no entry waits. Looks at every slot.
  bool empty() const;

 private:
  using Slot = boost::intrusive::list<TimerEntry, boost::intrusive::constant_time_size<false>>;
  static constexpr std::size_t kSlots = 512;

  std::uint64_t tick_of(TimePoint time) const;

  TimePoint start_;
  std::uint64_t tick_{0};  // everything due at or before it has been called
  std::array<Slot, kSlots> slots_;
};

}  // namespace msgd
