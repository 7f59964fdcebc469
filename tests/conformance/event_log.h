// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "contract.h"

namespace msg::test {

/// What one user is told from here on.
class EventLog {
 public:
  EventLog(Messenger& messenger, const User& user)
      : subscription_(must(messenger.subscribe(user.id, [this](const auto& event) {
          const std::scoped_lock lock(mutex_);
          events_.push_back(event);
        }))) {
    if (!must(subscription_->go_live(must(messenger.sync_position())))) {
      throw std::runtime_error("not live");
    }
  }

  /// Events of one kind, in order.
  template <class Body>
  std::vector<Body> all() {
    const std::scoped_lock lock(mutex_);
    std::vector<Body> found;
    for (const auto& event : events_) {
      if (const auto* body = std::get_if<Body>(&event->body)) found.push_back(*body);
    }
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Event>> events_;
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace msg::test
