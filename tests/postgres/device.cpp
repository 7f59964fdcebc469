// SPDX-License-Identifier: Apache-2.0
#include "postgres/device.h"

#include <algorithm>
#include <chrono>

#include "postgres/fixture.h"

namespace msg::test {

Device::Device(Messenger& messenger, UserId user, int leaves_after)
    : messenger_(messenger), user_(user), leaves_after_(leaves_after) {
  subscribe();
}

void Device::subscribe() {
  subscription_ = must(messenger_.subscribe(
      user_, [this](const auto& event) { take(*event); }, [this] { fall_behind(); }));
}

bool Device::is_behind() {
  const std::scoped_lock lock(mutex_);
  return behind_;
}

void Device::leave_and_come_back() {
  subscription_.reset();
  {
    const std::scoped_lock lock(mutex_);
    behind_ = true;
  }
  subscribe();
}

void Device::take(const Event& event) {
  const std::scoped_lock lock(mutex_);
  ++moves_;
  if (const auto* sent = std::get_if<MessageEvent>(&event.body)) {
    take(sent->message);
  } else if (const auto* receipt = std::get_if<ReceiptEvent>(&event.body)) {
    take(receipt->member);
  } else if (std::holds_alternative<TypingEvent>(event.body)) {
    ++typing_;
  }
  if (event.version != Version{}) cursor_ = event.cursor;
  news_.notify_all();
}

void Device::take(const Message& message) {
  auto& last = last_[message.id.conversation];
  const auto seq = to_int(message.id.seq);
  if (seq != last + 1) {
    complaints_.push_back(std::to_string(seq) + " behind " + std::to_string(last));
  }
  last = std::max(last, seq);
}

void Device::take(const Member& member) {
  auto& read = read_[member.user];
  read = std::max(read, to_int(member.read));
}

void Device::fall_behind() {
  const std::scoped_lock lock(mutex_);
  ++moves_;
  ++falls_;
  behind_ = true;
  news_.notify_all();
}

void Device::sync() {
  for (bool is_live = false; !is_live;) {
    SyncRequest request;
    {
      const std::scoped_lock lock(mutex_);
      request.cursor = cursor_;
    }
    const auto page = must(messenger_.sync(user_, request));
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& delta : page.conversations) {
        if (delta.missing) complaints_.emplace_back("a sync with more than it shows");
        for (const auto& message : delta.messages) {
          // What changes between two pages is offered again, whole.
          if (to_int(message.id.seq) > last_[message.id.conversation]) take(message);
        }
        for (const auto& member : delta.members) take(member);
      }
      cursor_ = page.cursor;
      behind_ = false;
    }
    is_live = !page.has_more && must(subscription_->go_live(page.cursor));
  }
}

bool Device::follow_until(const std::function<bool(Device&)>& is_enough) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!behind_ && is_enough(*this)) return true;
      const auto seen = moves_;
      const auto moved = [&] { return behind_ || moves_ != seen; };
      if (!news_.wait_until(lock, deadline, moved)) return false;
    }
    if (leaves_after_ > 0 && ++looks_ % leaves_after_ == 0) leave_and_come_back();
    if (is_behind()) sync();
  }
}

}  // namespace msg::test
