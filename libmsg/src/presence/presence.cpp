// SPDX-License-Identifier: Apache-2.0
#include "msg/presence.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "messenger/impl.h"
#include "presence/people.h"
#include "presence/sighting_relay.h"

namespace msg {

std::string_view to_string(PresenceState state) {
  switch (state) {
    case PresenceState::offline:
      return "offline";
    case PresenceState::away:
      return "away";
    case PresenceState::online:
      return "online";
  }
  std::unreachable();
}

struct Presence::Impl {
  Impl(Messenger& m, PresenceOptions o)
      : messenger(m),
        options(std::move(o)),
        people(options),
        relay(MessengerInside::of(m), [this](const auto& process, const auto& sightings) {
          const Time until = options.clock() + SightingRelay::kExpiry;
          const std::scoped_lock lock(mutex);
          for (const auto& one : sightings) people.note_elsewhere(process, one, until);
        }) {}

  struct Found {
    std::vector<User> users;  ///< Without repetitions, and without those who do not exist.
    std::vector<WatchState::Entry> entries;  ///< Of everybody asked for, likewise.
  };

  Result<Found> find(UserId viewer, std::span<const UserId> asked);
  void fill(UserId viewer, Found& found);
  void tell(const WatchPtr& watch);

  Messenger& messenger;
  const PresenceOptions options;
  std::mutex flushing;  ///< One flush() at a time.
  mutable std::mutex mutex;
  People people;  ///< Guarded by mutex.
  SightingRelay relay;
};

namespace {

class OwnedDevice final : public PresenceDevice {
 public:
  using Leave = std::function<void()>;
  OwnedDevice(std::shared_ptr<DeviceState> state, const std::function<Time()>& clock, Leave leave)
      : state_(std::move(state)), clock_(clock), leave_(std::move(leave)) {}
  ~OwnedDevice() override { leave_(); }
  OwnedDevice(const OwnedDevice&) = delete;
  OwnedDevice& operator=(const OwnedDevice&) = delete;

  void touch() override { state_->touched = clock_(); }
  void set_away(bool away) override {
    state_->touched = clock_();
    state_->away = away;
  }

 private:
  std::shared_ptr<DeviceState> state_;
  const std::function<Time()>& clock_;
  Leave leave_;
};

class OwnedWatch final : public PresenceWatch {
 public:
  explicit OwnedWatch(std::function<void()> end) : end_(std::move(end)) {}
  ~OwnedWatch() override { end_(); }
  OwnedWatch(const OwnedWatch&) = delete;
  OwnedWatch& operator=(const OwnedWatch&) = delete;

 private:
  std::function<void()> end_;
};

}  // namespace

Presence::Presence(Messenger& messenger, PresenceOptions options)
    : impl_(std::make_unique<Impl>(messenger, std::move(options))) {}
Presence::~Presence() = default;

std::unique_ptr<PresenceDevice> Presence::enter(const User& user) {
  Impl& impl = *impl_;
  const Time now = impl.options.clock();
  const std::scoped_lock lock(impl.mutex);
  auto state = impl.people.enter(user, now);
  auto leave = [&impl, user = user.id, state] {
    const Time left = impl.options.clock();
    const std::scoped_lock locked(impl.mutex);
    impl.people.leave(user, state, left);
  };
  return std::make_unique<OwnedDevice>(state, impl.options.clock, std::move(leave));
}

void Presence::update(const User& user) {
  const Time now = impl_->options.clock();
  const std::scoped_lock lock(impl_->mutex);
  impl_->people.update(user, now);
}

/// Asks the store, so without the lock.
Result<Presence::Impl::Found> Presence::Impl::find(UserId viewer, std::span<const UserId> asked) {
  if (asked.size() > options.watched_max) {
    return fail(Code::invalid_argument,
                "At most " + std::to_string(options.watched_max) + " users.", "user_ids");
  }
  Found found;
  for (const UserId id : asked) {
    const auto known = [&](const auto& entry) { return entry.told.user == id; };
    if (std::ranges::any_of(found.entries, known)) continue;
    found.entries.push_back({.told = {.user = id}, .is_contact = false});
    auto user = messenger.load_user(id);
    if (!user && user.error().code == Code::not_found) continue;
    if (!user) return std::unexpected(std::move(user).error());
    // Asked of everybody: who is shown to everyone now may have second thoughts.
    MSG_TRY(const auto direct, messenger.find_direct(viewer, id));
    found.entries.back().is_contact = direct.has_value();
    found.users.push_back(*std::move(user));
  }
  return found;
}

/// With the mutex held: what is told.
void Presence::Impl::fill(UserId viewer, Found& found) {
  const Time now = options.clock();
  for (auto& entry : found.entries) {
    const UserId id = entry.told.user;
    if (people.knows(id)) {
      entry.told = people.seen_by(viewer, entry.is_contact, id, now);
      continue;
    }
    const auto stored = std::ranges::find(found.users, id, &User::id);
    if (stored == found.users.end()) continue;
    entry.told = people.seen_by(viewer, entry.is_contact, *stored, now);
  }
}

Result<std::vector<PersonPresence>> Presence::look(UserId viewer, std::span<const UserId> users) {
  MSG_TRY(auto found, impl_->find(viewer, users));
  const std::scoped_lock lock(impl_->mutex);
  impl_->fill(viewer, found);
  std::vector<PersonPresence> answer;
  for (const UserId id : users) {
    const auto same = [&](const auto& entry) { return entry.told.user == id; };
    answer.push_back(std::ranges::find_if(found.entries, same)->told);
  }
  return answer;
}

Result<std::unique_ptr<PresenceWatch>> Presence::watch(UserId viewer, std::span<const UserId> users,
                                                       PresenceHandler handler,
                                                       std::vector<PersonPresence>& known) {
  Impl& impl = *impl_;
  MSG_TRY(auto found, impl.find(viewer, users));
  auto watch = std::make_shared<WatchState>();
  watch->viewer = viewer;
  watch->handler = std::move(handler);
  {
    const std::scoped_lock lock(impl.mutex);
    impl.people.add(watch, found.users);
    impl.fill(viewer, found);
    watch->entries = std::move(found.entries);
  }
  known.clear();
  for (const auto& entry : watch->entries) known.push_back(entry.told);
  return std::make_unique<OwnedWatch>([&impl, watch] {
    {
      const std::scoped_lock lock(watch->calling);
      watch->ended = true;
    }
    const std::scoped_lock lock(impl.mutex);
    impl.people.remove(watch);
  });
}

void Presence::flush() {
  const std::scoped_lock one_at_a_time(impl_->flushing);
  std::vector<WatchPtr> due;
  std::vector<Sighting> sightings;
  {
    const Time now = impl_->options.clock();
    const std::scoped_lock lock(impl_->mutex);
    impl_->people.settle(now);
    due = impl_->people.take_due();
    if (impl_->relay.is_on()) sightings = impl_->people.take_sightings(impl_->relay.is_due());
  }
  impl_->relay.tell(sightings);
  for (const auto& watch : due) impl_->tell(watch);
}

void Presence::Impl::tell(const WatchPtr& watch) {
  const std::scoped_lock call(watch->calling);
  if (watch->ended) return;
  std::vector<PersonPresence> changed;
  {
    const Time now = options.clock();
    const std::scoped_lock lock(mutex);
    changed = people.changes(*watch, now);
  }
  if (changed.empty()) return;
  const bool taken = watch->handler(changed);
  const std::scoped_lock lock(mutex);
  if (taken) {
    People::note_told(*watch, changed);
  } else {
    people.offer_again(watch);
  }
}

Result<void> Presence::store_last_seen(bool all) {
  do {
    std::vector<LastSeen> unsaved;
    {
      const std::scoped_lock lock(impl_->mutex);
      unsaved = impl_->people.take_unsaved(impl_->options.stored_per_call_max, all);
    }
    if (unsaved.empty()) return {};
    auto stored = impl_->messenger.note_last_seen(unsaved);
    {
      const std::scoped_lock lock(impl_->mutex);
      impl_->people.note_saved(unsaved, stored.has_value());
    }
    if (!stored) return stored;
  } while (all);
  return {};
}

std::size_t Presence::size() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->people.size();
}

}  // namespace msg
