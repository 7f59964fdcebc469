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

void LiveSubscription::deliver(const std::shared_ptr<const Event>& event, const Horizon& base,
                               std::uint32_t life) {
  const bool stored = event->version != Version{};
  auto handed = event;
  {
    const std::scoped_lock lock(mutex_);
    if (stored) seen_ = std::max(seen_, event->version);
    if (closed_ || !live_ || (stored && floor_.horizon.sees({event->version, writer_}))) return;
    if (stored && !base.within(floor_.horizon)) handed = with_own_cursor(*event, life);
    ++handing_out_;
  }
  const HandingOut now(*this);
  handler_(handed);
}

void LiveSubscription::note(Version version) {
  const std::scoped_lock lock(mutex_);
  seen_ = std::max(seen_, version);
}

std::shared_ptr<const Event> LiveSubscription::with_own_cursor(const Event& event,
                                                               std::uint32_t life) const {
  auto copy = std::make_shared<Event>(event);
  SyncCursor cursor;
  cursor.since = floor_.horizon;
  cursor.tags = floor_.tags;
  cursor.since.up_to.at(writer_) = event.version;
  cursor.tags.at(writer_) = life;
  copy->cursor = encode_sync_cursor(codec_, cursor);
  return copy;
}

bool LiveSubscription::go_live(const Position& position) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || !position.horizon.sees({seen_, writer_})) return false;
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
