// SPDX-License-Identifier: Apache-2.0
#include "feed/live_subscription.h"

#include <algorithm>

namespace msg {
namespace {

/// Innermost subscription whose handler this thread runs: lets a handler end its own subscription.
thread_local const LiveSubscription* handler_of = nullptr;

}  // namespace

void LiveSubscription::deliver(const std::shared_ptr<const Event>& event, const Horizon& base) {
  const bool stored = event->version != Version{};
  auto handed = event;
  {
    const std::scoped_lock lock(mutex_);
    if (stored) seen_ = std::max(seen_, event->version);
    if (closed_ || !live_ || (stored && floor_.sees({event->version, writer_}))) return;
    ++handing_out_;
    if (stored && !base.within(floor_)) handed = with_own_cursor(*event);
  }
  const auto* outer = std::exchange(handler_of, this);
  handler_(handed);
  handler_of = outer;
  {
    const std::scoped_lock lock(mutex_);
    --handing_out_;
  }
  idle_.notify_all();
}

void LiveSubscription::note(Version version) {
  const std::scoped_lock lock(mutex_);
  seen_ = std::max(seen_, version);
}

std::shared_ptr<const Event> LiveSubscription::with_own_cursor(const Event& event) const {
  auto copy = std::make_shared<Event>(event);
  SyncCursor cursor;
  cursor.since = floor_;
  cursor.since.up_to.at(writer_) = event.version;
  copy->cursor = encode_sync_cursor(codec_, cursor);
  return copy;
}

bool LiveSubscription::go_live(const Horizon& position) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || !position.sees({seen_, writer_})) return false;
  live_ = true;
  floor_ = position;
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
