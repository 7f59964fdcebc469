// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "core/cursor.h"
#include "msg/event.h"

namespace msg {

/// What a receiver has taken in: versions, and the lives they are of.
struct Position {
  Horizon horizon{};
  LifeTags tags{};
};

/// The state of one subscription, shared by its owner and by a hub that is handing it an event.
/// No lock is held while a handler runs.
///
/// Thread safety: all calls from any thread.
class LiveSubscription {
 public:
  /// `codec` must outlive it.
  LiveSubscription(UserId user, EventHandler handler, BehindHandler on_behind,
                   const CursorCodec& codec)
      : user_(user),
        handler_(std::move(handler)),
        on_behind_(std::move(on_behind)),
        codec_(codec) {}

  UserId user() const { return user_; }

  /// Runs the handler if the event is one for a live receiver. `claim` is what the event's cursor
  /// says; who knows more by its sync gets a copy with a cursor of its own.
  void deliver(const std::shared_ptr<const Event>& event, std::size_t writer,
               const Position& claim);

  /// Something that concerns this user was committed, though it is not handed out.
  void note(const Stamp& stamp);
  void note(const Horizon& horizon);

  /// The same, and from here on nothing is handed out until go_live().
  void fall_behind(const Horizon& horizon);

  /// The same, of changes of which nothing is known: also who is a member of what may be another.
  void lose_track(const Horizon& horizon);
  /// Whether that has happened since it was asked last.
  bool take_lost_track();
  bool has_lost_track();
  /// What was noted, is not to be waited for any more.
  void forget_seen();

  /// See Subscription::go_live(); `taken_in` is what the receiver knows.
  bool go_live(const Position& taken_in);
  void pause();

  /// Nothing is handed out any more; waits for running handlers of other threads.
  void close();

 private:
  class HandingOut;

  void wait_for_others(std::unique_lock<std::mutex>& lock);

  void fall_behind_now();
  std::shared_ptr<const Event> with_own_cursor(const Event& event, std::size_t writer,
                                               const Position& claim) const;

  UserId user_;
  EventHandler handler_;
  BehindHandler on_behind_;
  const CursorCodec& codec_;
  std::mutex mutex_;
  std::condition_variable idle_;
  bool live_{false};
  bool closed_{false};
  bool lost_track_{false};
  Position floor_{};    ///< What was in the sync that led to going live.
  Horizon seen_{};      ///< Newest events that concerned the user, handed out or not.
  int handing_out_{0};  ///< Handlers running now.
};

}  // namespace msg
