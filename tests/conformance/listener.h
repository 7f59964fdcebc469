// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "msg/event.h"

namespace msg::test {

/// Collects what a subscription hands out.
class Listener {
 public:
  EventHandler handler() {
    return [this](const std::shared_ptr<const Event>& event) {
      const std::scoped_lock lock(mutex_);
      events_.push_back(event);
    };
  }
  std::vector<std::shared_ptr<const Event>> events() {
    const std::scoped_lock lock(mutex_);
    return events_;
  }
  template <class Body>
  std::vector<Body> all() {
    std::vector<Body> bodies;
    for (const auto& event : events()) {
      if (const auto* body = std::get_if<Body>(&event->body)) bodies.push_back(*body);
    }
    return bodies;
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Event>> events_;
};

}  // namespace msg::test
