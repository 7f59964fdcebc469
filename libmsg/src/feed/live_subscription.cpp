// SPDX-License-Identifier: Apache-2.0
#include "feed/live_subscription.h"

#include <algorithm>
#include <utility>

namespace msg {
namespace {

/// Innermost subscription whose handler this thread runs: lets a handler end its own subscription.
thread_local const LiveSubscription* handler_of = nullptr;

}  // namespace

/// From the beginning to the end of a handler, however it ends.
class LiveSubscription::HandingOut {
 public:
  explicit HandingOut(LiveSubscription& of) : of_(of), outer_(std::exchange(handler_of, &of)) {}
  ~HandingOut() {
    handler_of = outer_;
    {
      const std::scoped_lock lock(of_.mutex_);
      --of_.handing_out_;
    }
    of_.idle_.notify_all();
  }
  HandingOut(const HandingOut&) = delete;
  HandingOut& operator=(const HandingOut&) = delete;

 private:
  LiveSubscription& of_;
  const LiveSubscription* outer_;
};

void LiveSubscription::deliver(const std::shared_ptr<const Event>& event, std::size_t writer) {
  const bool stored = event->version != Version{};
  {
    const std::scoped_lock lock(mutex_);
    Version& seen = seen_.up_to.at(writer);
    if (stored) seen = std::max(seen, event->version);
    if (closed_ || !live_ || (stored && floor_.sees({event->version, writer}))) return;
    ++handing_out_;
  }
  const HandingOut now(*this);
  handler_(event);
}

void LiveSubscription::note(const Stamp& stamp) {
  const std::scoped_lock lock(mutex_);
  Version& seen = seen_.up_to.at(stamp.writer);
  seen = std::max(seen, stamp.version);
}

void LiveSubscription::note(const Horizon& horizon) {
  const std::scoped_lock lock(mutex_);
  std::ranges::transform(seen_.up_to, horizon.up_to, seen_.up_to.begin(),
                         [](Version a, Version b) { return std::max(a, b); });
}

void LiveSubscription::fall_behind(const Stamp& stamp) {
  note(stamp);
  fall_behind_now();
}

void LiveSubscription::fall_behind(const Horizon& horizon) {
  note(horizon);
  fall_behind_now();
}

void LiveSubscription::fall_behind_now() {
  {
    const std::scoped_lock lock(mutex_);
    // Who has synced it already is not behind.
    if (closed_ || !live_ || seen_.within(floor_)) return;
    live_ = false;
    if (!on_behind_) return;
    ++handing_out_;
  }
  const HandingOut now(*this);
  on_behind_();
}

bool LiveSubscription::go_live(const Horizon& taken_in) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || !seen_.within(taken_in)) return false;
  live_ = true;
  floor_ = taken_in;
  return true;
}

void LiveSubscription::pause() {
  std::unique_lock lock(mutex_);
  live_ = false;
  wait_for_others(lock);
}

void LiveSubscription::close() {
  std::unique_lock lock(mutex_);
  live_ = false;
  closed_ = true;
  wait_for_others(lock);
}

void LiveSubscription::wait_for_others(std::unique_lock<std::mutex>& lock) {
  const int own = handler_of == this ? 1 : 0;
  idle_.wait(lock, [&] { return handing_out_ <= own; });
}

}  // namespace msg
