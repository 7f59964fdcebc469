// SPDX-License-Identifier: Apache-2.0
#include "net/timer_wheel.h"

#include <algorithm>

namespace msgd {

std::uint64_t TimerWheel::tick_of(TimePoint time) const {
  if (time <= start_) return 0;
  return static_cast<std::uint64_t>((time - start_) / kTick);
}

void TimerWheel::schedule(TimerEntry& entry, TimePoint deadline) {
  cancel(entry);
  // The tick after the one that contains the deadline begins later than it: never early.
  entry.due_tick_ = std::max(tick_of(deadline), tick_) + 1;
  slots_[entry.due_tick_ % kSlots].push_back(entry);
}

void TimerWheel::advance(TimePoint now) {
  const std::uint64_t target = tick_of(now);
  if (target <= tick_) return;
  // After a long pause (a suspended machine) one turn visits every slot.
  const std::uint64_t steps = std::min<std::uint64_t>(target - tick_, kSlots);
  std::uint64_t slot = target - steps;
  tick_ = target;
  for (std::uint64_t i = 0; i < steps; ++i) {
    Slot& current = slots_[++slot % kSlots];
    // Moved aside: on_timer() may schedule into this very slot or destroy its neighbours.
    Slot visiting;
    visiting.swap(current);
    while (!visiting.empty()) {
      TimerEntry& entry = visiting.front();
      visiting.pop_front();
      if (entry.due_tick_ <= target) {
        entry.on_timer(now);
      } else {
        current.push_back(entry);
      }
    }
  }
}

bool TimerWheel::empty() const {
  return std::ranges::all_of(slots_, [](const Slot& slot) { return slot.empty(); });
}

}  // namespace msgd
