// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/cursor.h"
#include "msg/event.h"

namespace msg {

/// The state of one subscription, shared by its owner and by a hub that is handing it an event.
/// No lock is held while the handler runs.
///
/// Thread safety: all calls from any thread.
/// What a receiver has taken in: versions, and the lives they are of.
struct Position {
  Horizon horizon{};
  LifeTags tags{};
};

class LiveSubscription {
 public:
  /// `codec` must outlive it. `writer` is the place of this process in a Horizon.
  LiveSubscription(UserId user, EventHandler handler, const CursorCodec& codec, std::size_t writer)
      : user_(user), handler_(std::move(handler)), codec_(codec), writer_(writer) {}

  UserId user() const { return user_; }

  /// Runs the handler if the event is one for a live receiver. `base` is what the event's cursor
  /// claims of other writers; a receiver that knows less gets a copy with a cursor of its own.
  /// `life` is the tag of the life in which the event was committed.
  void deliver(const std::shared_ptr<const Event>& event, const Horizon& base, std::uint32_t life);

  /// Something that concerns this user was committed, though it is not handed out.
  void note(Version version);

  /// See Subscription::go_live(); `position` is what the receiver has taken in.
  bool go_live(const Position& position);
  void pause();

  /// Nothing is handed out any more; waits for running handlers of other threads.
  void close();

 private:
  class HandingOut;

  void wait_for_others(std::unique_lock<std::mutex>& lock);

  std::shared_ptr<const Event> with_own_cursor(const Event& event, std::uint32_t life) const;

  UserId user_;
  EventHandler handler_;
  const CursorCodec& codec_;
  std::size_t writer_;
  std::mutex mutex_;
  std::condition_variable idle_;
  bool live_{false};
  bool closed_{false};
  Position floor_{};    ///< What was in the sync that led to going live.
  Version seen_{};      ///< Newest event that concerned the user, handed out or not.
  int handing_out_{0};  ///< Handlers running now.
};

}  // namespace msg
