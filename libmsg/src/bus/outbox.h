// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace msg {

/// What waits to be sent, so that whoever publishes never waits for the other end.
///
/// Thread safety: take() and pause() from one thread at a time, the rest from any.
class Outbox {
 public:
  struct Letter {
    std::string channel;
    std::string payload;
  };
  using Letters = std::deque<Letter>;

  explicit Outbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False: there is no room, or nobody is there who would send it.
  bool push(std::string_view channel, std::string payload) {
    {
      const std::scoped_lock lock(mutex_);
      if (!is_open_ || bytes_ + payload.size() > bytes_max_) return false;
      bytes_ += payload.size();
      letters_.push_back({std::string(channel), std::move(payload)});
    }
    wake_.notify_all();
    return true;
  }

  /// Whether it takes anything.
  void open(bool is_open) {
    const std::scoped_lock lock(mutex_);
    is_open_ = is_open;
  }

  /// All there is, once there is something; nothing after `longest`, or at the end.
  Letters take(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, longest, [this] { return stopping_ || !letters_.empty(); });
    bytes_ = 0;
    return std::exchange(letters_, {});
  }

  /// Waits that long, and not beyond the end. False: that has come.
  bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return stopping_; });
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
  }
  bool is_stopping() const {
    const std::scoped_lock lock(mutex_);
    return stopping_;
  }

 private:
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Letters letters_;
  std::size_t bytes_{0};
  bool is_open_{true};
  bool stopping_{false};
};

}  // namespace msg
