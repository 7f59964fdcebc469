// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "msg/messenger.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

enum class PresenceState { offline, away, online };  // ordered by presence
std::string_view to_string(PresenceState state);

/// What one user may know of another. Who may not know is shown somebody offline who was never
/// seen, as for a user that does not exist.
struct PersonPresence {
  UserId user{};
  PresenceState state{PresenceState::offline};
  std::optional<Time> last_seen{};  ///< Unless online: when something was last done.
  bool operator==(const PersonPresence&) const = default;
};

struct PresenceOptions {
  /// A device on which nothing is done for so long counts as away.
  std::chrono::milliseconds idle_after = std::chrono::minutes(5);
  /// So long after the last device has gone a user is offline: whoever comes back in time was
  /// never away to anybody.
  std::chrono::milliseconds offline_after = std::chrono::seconds(10);
  /// Users that one watch may name.
  std::size_t watched_max = 256;
  /// Moments of last_seen that one store_last_seen() writes, in one commit.
  std::size_t stored_per_call_max = 64;
  /// As Options::clock.
  std::function<Time()> clock = Options{}.clock;
};

/// A device of a user, there until this is destroyed. Begins active.
///
/// Thread safety: all calls from any thread. Must not outlive its Presence.
class PresenceDevice {
 public:
  virtual ~PresenceDevice() = default;
  /// Something was done on it. Cheap: call it for every request.
  virtual void touch() = 0;
  /// Says so itself, until it says otherwise; being used does not change it.
  virtual void set_away(bool away) = 0;
};

/// What changed since the last time, each user at most once, latest state only. False: not taken
/// now; it is offered again, or what has become of it. Must not call into Presence.
using PresenceHandler = std::function<bool(const std::vector<PersonPresence>&)>;

/// The users whose presence somebody wants to be told of. Ends when destroyed, which waits for a
/// handler that runs.
///
/// Thread safety: one thread at a time. Must not outlive its Presence.
class PresenceWatch {
 public:
  virtual ~PresenceWatch() = default;
};

/// Who is there. In memory, and gone with the process; of each user only last_seen is stored, some
/// time after they went. Processes on one store that share a bus (Options::bus) tell each other,
/// by flush(): what is there at another counts as if it were here, until that one says otherwise or
/// was not heard of for a minute. Without a bus each knows of its own devices alone.
///
/// A user is online while a device of theirs is active, away while all are away or idle, and
/// offline some time after the last has gone. Nobody is told of anybody without asking, and changes
/// are told by flush() only: however many users come and go between two calls, each watch is told
/// once, of no more users than it names. So the cost of a mass reconnect is bounded by the number
/// of watches times the number of calls.
///
/// Thread safety: all calls from any thread.
class Presence {
 public:
  /// `messenger` must outlive it.
  explicit Presence(Messenger& messenger, PresenceOptions options = {});
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  /// `user` as it is stored now.
  std::unique_ptr<PresenceDevice> enter(const User& user);

  /// The user's row has changed.
  void update(const User& user);

  /// What `viewer` may know of these now, in their order. invalid_argument: too many. Blocks.
  Result<std::vector<PersonPresence>> look(UserId viewer, std::span<const UserId> users);

  /// From now on the handler is told what changes against `known`, which is set to the present
  /// state, in the order of `users` without repetitions. Whether two are contacts is asked now.
  /// invalid_argument: too many. Blocks.
  Result<std::unique_ptr<PresenceWatch>> watch(UserId viewer, std::span<const UserId> users,
                                               PresenceHandler handler,
                                               std::vector<PersonPresence>& known);

  /// Tells what has changed, and by the passing of time. To be called about once a second.
  void flush();

  /// Stores when users were last seen who have gone; what is left waits for the next call. With
  /// `all` also of those who are still there, and without a bound: for the end. Blocks.
  Result<void> store_last_seen(bool all = false);

  /// Users of whom anything is kept.
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace msg
