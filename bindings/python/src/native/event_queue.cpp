// SPDX-License-Identifier: Apache-2.0
#include "event_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace pymsg {
namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr std::size_t kTakenMax = 256;
constexpr std::chrono::milliseconds kSignalsLooked{50};  // how often a wait looks for Ctrl-C

std::size_t size_of(const msg::Event& event) {
  const auto* message = std::get_if<msg::MessageEvent>(&event.body);
  return message == nullptr ? 0 : message->message.content.size();
}

/// A change may be told by several events, of members first and of their conversation last. Only
/// the last one's cursor may be kept: behind it nothing of the change is missed.
bool is_last_of_change(const msg::Event& event, const msg::Event* next) {
  if (std::holds_alternative<msg::MemberEvent>(event.body)) return false;
  return next == nullptr || next->version != event.version;
}

}  // namespace

EventQueue::EventQueue(std::shared_ptr<Store> store, msg::UserId user, std::size_t events_max,
                       std::shared_ptr<Waker> waker, std::int64_t token)
    : Part(std::move(store)),
      user_(user),
      events_max_(events_max),
      waker_(std::move(waker)),
      token_(token) {
  if (events_max == 0) throw_invalid("At least one event has to have room.", "events_max");
  subscription_ = store_->value([this](msg::Messenger& m) {
    return m.subscribe(
        user_, [this](const Shared& event) { on_event(event); }, [this] { on_behind(); });
  });
}

void EventQueue::on_event(const Shared& event) {
  {
    const std::scoped_lock lock(mutex_);
    if (behind_) return;
    const bool is_stored = event->version != msg::Version{};
    if (!is_stored && queue_.size() >= events_max_ / 2) return;  // these go first
    behind_ = queue_.size() >= events_max_ || bytes_ >= kBytesMax;
    if (!behind_) {
      bytes_ += size_of(*event);
      queue_.push_back(event);
      if (queue_.size() > 1) return;  // known already
    }
  }
  some_.notify_all();
  if (waker_) waker_->post(token_, Waker::Ready{});
}

/// Others have made changes that were not handed out here.
void EventQueue::on_behind() {
  {
    const std::scoped_lock lock(mutex_);
    behind_ = true;
  }
  some_.notify_all();
  if (waker_) waker_->post(token_, Waker::Ready{});
}

bool EventQueue::go_live(std::string_view cursor) {
  return store_->value([&](msg::Messenger& /*messenger*/) -> msg::Result<bool> {
    subscription_->pause();  // no handler runs any more
    {
      const std::scoped_lock lock(mutex_);
      queue_.clear();
      bytes_ = 0;
      behind_ = false;
    }
    auto live = subscription_->go_live(cursor);
    if (live && *live) return live;
    const std::scoped_lock lock(mutex_);
    behind_ = true;
    return live;
  });
}

py::list EventQueue::take(std::optional<double> timeout) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  for (;;) {
    std::optional<double> left = timeout;
    if (left) left = *left - std::chrono::duration<double>(Clock::now() - begun).count();
    if (wait(left) || (left && *left <= 0)) return pop();
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

/// Waits for a moment, and tells whether there is anything to tell.
bool EventQueue::wait(std::optional<double> timeout) {
  std::chrono::duration<double> moment = kSignalsLooked;
  if (timeout) moment = std::clamp(std::chrono::duration<double>(*timeout), {}, moment);
  return store_->run([&](msg::Messenger& /*messenger*/) {
    std::unique_lock lock(mutex_);
    return some_.wait_for(lock, moment,
                          [this] { return !queue_.empty() || behind_ || interrupted_; });
  });
}

py::list EventQueue::pop() {
  std::vector<Shared> taken;
  Shared next;
  {
    const std::scoped_lock lock(mutex_);
    const auto count = std::min(queue_.size(), kTakenMax);
    taken.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    for (const auto& event : taken) bytes_ -= size_of(*event);
    if (!queue_.empty()) {
      next = queue_.front();
      if (waker_) waker_->post(token_, Waker::Ready{});
    }
  }
  py::list events(taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const msg::Event* following = i + 1 < taken.size() ? taken[i + 1].get() : next.get();
    events[i] = py::reinterpret_steal<py::object>(
        make(*taken[i], user_, is_last_of_change(*taken[i], following)));
  }
  return events;
}

bool EventQueue::is_behind() {
  store_->require_open();
  const std::scoped_lock lock(mutex_);
  return behind_ && queue_.empty();
}

void EventQueue::interrupt() {
  {
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
  }
  some_.notify_all();
  if (waker_) waker_->post(token_, Waker::Ready{});
}

void EventQueue::end() {
  destroy(subscription_);
}

}  // namespace pymsg
