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

PresenceState People::state_here(const Person& person, Time now) const {
  if (person.devices.empty()) {
    return now - person.gone_at < options_.offline_after ? person.here : PresenceState::offline;
  }
  const auto active = [&](const auto& device) { return is_active(*device, now); };
  return std::ranges::any_of(person.devices, active) ? PresenceState::online : PresenceState::away;
}

PresenceState People::state_elsewhere(UserId user, Time now) const {
  auto state = PresenceState::offline;
  const auto found = elsewhere_.find(user);
  if (found == elsewhere_.end()) return state;
  for (const auto& one : found->second) {
    if (one.until > now) state = std::max(state, one.sighting.state);
  }
  return state;
}

std::optional<Time> People::last_seen_of(UserId user, std::optional<Time> here) const {
  const auto found = elsewhere_.find(user);
  if (found == elsewhere_.end()) return here;
  for (const auto& one : found->second) here = std::max(here, one.sighting.last_seen);
  return here;
}

void People::settle(UserId user, Person& person, Time now) {
  const PresenceState here = state_here(person, now);
  if (here != person.here) {
    for (const auto& device : person.devices) {
      person.last_seen = std::max(person.last_seen.value_or(Time{}), device->touched.load());
    }
    person.here = here;
  }
  const PresenceState state = std::max(here, state_elsewhere(user, now));
  if (state == person.state) return;
  person.state = state;
  due_.insert(person.watches.begin(), person.watches.end());
}

void People::settle(Time now) {
  for (auto& [user, person] : people_) settle(user, person, now);
  for (auto& [user, all] : elsewhere_) {
    std::erase_if(all, [&](const Elsewhere& one) { return one.until <= now; });
  }
  std::erase_if(elsewhere_, [](const auto& entry) { return entry.second.empty(); });
  std::erase_if(people_, [&](const auto& entry) {
    const Person& person = entry.second;
    return person.here == PresenceState::offline && person.announced == PresenceState::offline &&
           person.devices.empty() && person.watches.empty() && person.last_seen == person.saved &&
           !person.saving && now - person.gone_at >= options_.offline_after;
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
  settle(user, person, now);
  return shown(viewer, is_contact, user, person.audience, person.state, person.last_seen);
}

PersonPresence People::seen_by(UserId viewer, bool is_contact, const User& user, Time now) const {
  return shown(viewer, is_contact, user.id, user.presence_to, state_elsewhere(user.id, now),
               last_seen_of(user.id, user.last_seen));
}

void People::note_elsewhere(const std::string& process, const Sighting& sighting, Time until) {
  auto& all = elsewhere_[sighting.user];
  auto found = std::ranges::find(all, process, &Elsewhere::process);
  if (found == all.end()) found = all.insert(all.end(), {.process = process});
  found->sighting = sighting;
  found->until = until;
  const auto kept = people_.find(sighting.user);
  if (kept == people_.end() || kept->second.last_seen >= sighting.last_seen) return;
  kept->second.last_seen = kept->second.saved = sighting.last_seen;  // it is stored over there
}

std::vector<Sighting> People::take_sightings(bool all) {
  std::vector<Sighting> sightings;
  for (auto& [user, person] : people_) {
    const bool is_here = person.here != PresenceState::offline;
    if (person.here == person.announced && !(all && is_here)) continue;
    person.announced = person.here;
    sightings.push_back({.user = user, .state = person.here, .last_seen = person.last_seen});
  }
  return sightings;
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
    } else if (person.here != PresenceState::offline) {
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
