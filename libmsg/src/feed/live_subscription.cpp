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

void LiveSubscription::deliver(const std::shared_ptr<const Event>& event, std::size_t writer,
                               const Position& claim) {
  const bool stored = event->version != Version{};
  auto handed = event;
  {
    const std::scoped_lock lock(mutex_);
    Version& seen = seen_.up_to.at(writer);
    if (stored) seen = std::max(seen, event->version);
    if (closed_ || !live_ || (stored && floor_.horizon.sees({event->version, writer}))) return;
    if (stored && !floor_.horizon.within(claim.horizon)) {
      handed = with_own_cursor(*event, writer, claim);
    }
    ++handing_out_;
  }
  const HandingOut now(*this);
  handler_(handed);
}

std::shared_ptr<const Event> LiveSubscription::with_own_cursor(const Event& event,
                                                               std::size_t writer,
                                                               const Position& claim) const {
  SyncCursor cursor;
  for (std::size_t i = 0; i < kWritersMax; ++i) {
    const bool knows_more = i != writer && floor_.horizon.up_to.at(i) > claim.horizon.up_to.at(i);
    const Position& from = knows_more ? floor_ : claim;
    cursor.since.up_to.at(i) = from.horizon.up_to.at(i);
    cursor.tags.at(i) = from.tags.at(i);
  }
  auto copy = std::make_shared<Event>(event);
  copy->cursor = encode_sync_cursor(codec_, cursor);
  return copy;
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

void LiveSubscription::fall_behind(const Horizon& horizon) {
  note(horizon);
  fall_behind_now();
}

void LiveSubscription::lose_track(const Horizon& horizon) {
  {
    const std::scoped_lock lock(mutex_);
    lost_track_ = true;
  }
  fall_behind(horizon);
}

bool LiveSubscription::has_lost_track() {
  const std::scoped_lock lock(mutex_);
  return lost_track_;
}

void LiveSubscription::forget_seen() {
  const std::scoped_lock lock(mutex_);
  seen_ = {};
}

bool LiveSubscription::take_lost_track() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(lost_track_, false);
}

void LiveSubscription::fall_behind_now() {
  {
    const std::scoped_lock lock(mutex_);
    // Who has synced it already is not behind.
    if (closed_ || !live_ || (!lost_track_ && seen_.within(floor_.horizon))) return;
    live_ = false;
    if (!on_behind_) return;
    ++handing_out_;
  }
  const HandingOut now(*this);
  on_behind_();
}

bool LiveSubscription::go_live(const Position& taken_in) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || lost_track_ || !seen_.within(taken_in.horizon)) return false;
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
