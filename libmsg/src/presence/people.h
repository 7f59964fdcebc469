// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "msg/presence.h"

namespace msg {

/// One device as it is counted.
struct DeviceState {
  std::atomic<Time> touched{};
  std::atomic<bool> away{false};
};

/// One watch: what its viewer was told last.
struct WatchState {
  struct Entry {
    PersonPresence told;
    bool is_contact{false};
  };
  UserId viewer{};
  std::vector<Entry> entries;
  PresenceHandler handler;

  std::mutex calling;  ///< Held while the handler runs.
  bool ended{false};   ///< Guarded by it.
};
using WatchPtr = std::shared_ptr<WatchState>;

/// What one process tells the others of a user.
struct Sighting {
  UserId user{};
  PresenceState state{PresenceState::offline};
  std::optional<Time> last_seen{};
};

/// Everybody of whom something is kept, and what follows from it. Knows no store, and no clock:
/// time is an argument.
///
/// A person is kept while a device is there, somebody watches, or last_seen is not stored; and for
/// offline_after since anything changed, so that a row read shortly before tells nothing outdated.
///
/// Thread safety: none; Presence::Impl locks.
class People {
 public:
  explicit People(const PresenceOptions& options) : options_(options) {}

  std::shared_ptr<DeviceState> enter(const User& user, Time now);
  void leave(UserId user, const std::shared_ptr<DeviceState>& device, Time now);
  void update(const User& user, Time now);
  bool knows(UserId user) const { return people_.contains(user); }

  /// What a viewer sees of somebody who is kept.
  PersonPresence seen_by(UserId viewer, bool is_contact, UserId user, Time now);
  /// The same of somebody who is not.
  PersonPresence seen_by(UserId viewer, bool is_contact, const User& user, Time now) const;

  // Of devices at other processes.

  /// What another process says of a user. It has to be said again before `until`.
  void note_elsewhere(const std::string& process, const Sighting& sighting, Time until);
  /// Users with devices here whose state the others were not told of; or, with `all`, all of them,
  /// and who has gone since they were.
  std::vector<Sighting> take_sightings(bool all);

  /// Everybody that it names is kept from now on; `rows` are theirs, as stored.
  void add(const WatchPtr& watch, const std::vector<User>& rows);
  void remove(const WatchPtr& watch);

  /// Lets time pass, and forgets whom nobody needs.
  void settle(Time now);
  /// The watches that have to be told, or to be offered it again.
  std::vector<WatchPtr> take_due();
  void offer_again(const WatchPtr& watch) { due_.insert(watch); }
  std::vector<PersonPresence> changes(const WatchState& watch, Time now);
  static void note_told(WatchState& watch, const std::vector<PersonPresence>& told);

  /// Moments to store, of those who have gone or of `all`; note_saved() says what came of it.
  std::vector<LastSeen> take_unsaved(std::size_t max, bool all);
  void note_saved(const std::vector<LastSeen>& moments, bool saved);

  std::size_t size() const { return people_.size(); }

 private:
  struct Person {
    Audience audience{Audience::contacts};
    PresenceState state{PresenceState::offline};
    std::optional<Time> last_seen;  ///< When something was last done.
    std::optional<Time> saved;      ///< Of it, what is stored or about to be.
    bool saving{false};
    Time gone_at{};  ///< When the last device went, or the row changed.
    std::vector<std::shared_ptr<DeviceState>> devices;
    std::vector<WatchPtr> watches;
    PresenceState here{PresenceState::offline};       ///< As far as the devices here tell.
    PresenceState announced{PresenceState::offline};  ///< Of it, what the others know.
  };
  struct Elsewhere {
    std::string process;
    Sighting sighting;
    Time until{};
  };

  PresenceState state_here(const Person& person, Time now) const;
  PresenceState state_elsewhere(UserId user, Time now) const;
  std::optional<Time> last_seen_of(UserId user, std::optional<Time> here) const;
  void settle(UserId user, Person& person, Time now);
  static PersonPresence shown(UserId viewer, bool is_contact, UserId user, Audience audience,
                              PresenceState state, std::optional<Time> last_seen);
  Person& keep(const User& user);
  bool is_active(const DeviceState& device, Time now) const;

  const PresenceOptions& options_;
  std::unordered_map<UserId, Person> people_;
  std::unordered_map<UserId, std::vector<Elsewhere>> elsewhere_;
  std::unordered_set<WatchPtr> due_;
};

}  // namespace msg
