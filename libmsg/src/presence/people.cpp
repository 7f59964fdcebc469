// SPDX-License-Identifier: Apache-2.0
#include "presence/people.h"

#include <algorithm>
#include <utility>

namespace msg {

People::Person& People::keep(const User& user) {
  const auto [at, is_new] = people_.try_emplace(user.id);
  Person& person = at->second;
  if (is_new) {
    person.audience = user.presence_to;
    person.last_seen = person.saved = user.last_seen;
  }
  return person;
}

std::shared_ptr<DeviceState> People::enter(const User& user, Time now) {
  Person& person = keep(user);
  auto device = std::make_shared<DeviceState>();
  device->touched = now;
  person.devices.push_back(device);
  return device;
}

void People::leave(UserId user, const std::shared_ptr<DeviceState>& device, Time now) {
  Person& person = people_.at(user);
  // Whoever was active was there until now; an idle device tells nothing by going.
  const Time last = is_active(*device, now) ? now : device->touched.load();
  person.last_seen = std::max(person.last_seen.value_or(Time{}), last);
  std::erase(person.devices, device);
  if (person.devices.empty()) person.gone_at = now;
}

void People::update(const User& user, Time now) {
  Person& person = keep(user);
  person.audience = user.presence_to;
  if (person.devices.empty()) person.gone_at = now;
  due_.insert(person.watches.begin(), person.watches.end());
}

bool People::is_active(const DeviceState& device, Time now) const {
  return !device.away && now - device.touched.load() < options_.idle_after;
}

PresenceState People::state_of(const Person& person, Time now) const {
  if (person.devices.empty()) {
    return now - person.gone_at < options_.offline_after ? person.state : PresenceState::offline;
  }
  const auto active = [&](const auto& device) { return is_active(*device, now); };
  return std::ranges::any_of(person.devices, active) ? PresenceState::online : PresenceState::away;
}

void People::settle(Person& person, Time now) {
  const PresenceState state = state_of(person, now);
  if (state == person.state) return;
  for (const auto& device : person.devices) {
    person.last_seen = std::max(person.last_seen.value_or(Time{}), device->touched.load());
  }
  person.state = state;
  due_.insert(person.watches.begin(), person.watches.end());
}

void People::settle(Time now) {
  for (auto& [user, person] : people_) settle(person, now);
  std::erase_if(people_, [&](const auto& entry) {
    const Person& person = entry.second;
    return person.state == PresenceState::offline && person.devices.empty() &&
           person.watches.empty() && person.last_seen == person.saved && !person.saving &&
           now - person.gone_at >= options_.offline_after;
  });
}

PersonPresence People::shown(UserId viewer, bool is_contact, UserId user, Audience audience,
                             PresenceState state, std::optional<Time> last_seen) {
  const bool allowed = viewer == user || audience == Audience::everyone ||
                       (audience == Audience::contacts && is_contact);
  if (!allowed) return {.user = user, .state = PresenceState::offline, .last_seen = {}};
  if (state == PresenceState::online) last_seen.reset();
  return {.user = user, .state = state, .last_seen = last_seen};
}

PersonPresence People::seen_by(UserId viewer, bool is_contact, UserId user, Time now) {
  const auto found = people_.find(user);
  if (found == people_.end()) return {.user = user};
  Person& person = found->second;
  settle(person, now);
  return shown(viewer, is_contact, user, person.audience, person.state, person.last_seen);
}

PersonPresence People::seen_by(UserId viewer, bool is_contact, const User& user) {
  return shown(viewer, is_contact, user.id, user.presence_to, PresenceState::offline,
               user.last_seen);
}

void People::add(const WatchPtr& watch, const std::vector<User>& rows) {
  for (const User& row : rows) keep(row).watches.push_back(watch);
}

void People::remove(const WatchPtr& watch) {
  for (const auto& entry : watch->entries) {
    const auto found = people_.find(entry.told.user);
    if (found != people_.end()) std::erase(found->second.watches, watch);
  }
  due_.erase(watch);
}

std::vector<WatchPtr> People::take_due() {
  std::vector<WatchPtr> due(due_.begin(), due_.end());
  due_.clear();
  return due;
}

std::vector<PersonPresence> People::changes(const WatchState& watch, Time now) {
  std::vector<PersonPresence> changes;
  for (const auto& entry : watch.entries) {
    auto present = seen_by(watch.viewer, entry.is_contact, entry.told.user, now);
    if (present != entry.told) changes.push_back(present);
  }
  return changes;
}

void People::note_told(WatchState& watch, const std::vector<PersonPresence>& told) {
  auto next = told.begin();  // in the order of the entries
  for (auto& entry : watch.entries) {
    if (next == told.end()) return;
    if (next->user == entry.told.user) entry.told = *next++;
  }
}

std::vector<LastSeen> People::take_unsaved(std::size_t max, bool all) {
  std::vector<LastSeen> unsaved;
  for (auto& [user, person] : people_) {
    if (unsaved.size() >= max) break;
    if (all) {
      for (const auto& device : person.devices) {
        person.last_seen = std::max(person.last_seen.value_or(Time{}), device->touched.load());
      }
    } else if (person.state != PresenceState::offline) {
      continue;
    }
    if (!person.last_seen || person.last_seen == person.saved) continue;
    person.saved = person.last_seen;
    person.saving = true;
    unsaved.push_back({.user = user, .at = *person.last_seen});
  }
  return unsaved;
}

void People::note_saved(const std::vector<LastSeen>& moments, bool saved) {
  for (const auto& one : moments) {
    Person& person = people_.at(one.user);
    person.saving = false;
    if (!saved) person.saved.reset();
  }
}

}  // namespace msg
