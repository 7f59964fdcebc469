// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "msg/event.h"

namespace msg {

/// The state of one subscription, shared by its owner and by a hub that is handing it an event.
/// No lock is held while the handler runs.
///
/// Thread safety: all calls from any thread.
class LiveSubscription {
 public:
  LiveSubscription(UserId user, EventHandler handler) : user_(user), handler_(std::move(handler)) {}

  UserId user() const { return user_; }

  /// Runs the handler if the event is one for a live receiver.
  void deliver(const std::shared_ptr<const Event>& event);

  /// Something that concerns this user was committed, though it is not handed out.
  void note(Version version);

  /// See Subscription::go_live(); `position` is what the receiver has taken in.
  bool go_live(Version position);
  void pause();

  /// Nothing is handed out any more; waits for running handlers of other threads.
  void close();

 private:
  class HandingOut;

  void wait_for_others(std::unique_lock<std::mutex>& lock);

  UserId user_;
  EventHandler handler_;
  std::mutex mutex_;
  std::condition_variable idle_;
  bool live_{false};
  bool closed_{false};
  Version floor_{};     ///< Events up to here were in the sync that led to going live.
  Version seen_{};      ///< Newest event that concerned the user, handed out or not.
  int handing_out_{0};  ///< Handlers running now.
};

}  // namespace msg
