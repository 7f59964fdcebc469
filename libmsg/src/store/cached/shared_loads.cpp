// SPDX-License-Identifier: Apache-2.0
#include "store/cached/shared_loads.h"

#include <utility>

namespace msg {

SharedLoads::Part SharedLoads::join(const std::string& place) {
  const std::scoped_lock lock(mutex_);
  auto& flight = flights_[place];
  const bool leads = flight == nullptr;
  if (leads) flight = std::make_shared<Flight>();
  if (!leads) ++flight->joined;
  return {*this, place, flight, leads};
}

SharedLoads::Part SharedLoads::find(const std::string& place) {
  const std::scoped_lock lock(mutex_);
  const auto flight = flights_.find(place);
  if (flight == flights_.end()) return {};
  ++flight->second->joined;
  return {*this, place, flight->second, false};
}

LoadedPtr SharedLoads::Part::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(flight_->mutex);
  flight_->landed.wait_for(lock, longest, [this] { return flight_->is_over; });
  return flight_->loaded;
}

bool SharedLoads::Part::close() {
  return leave() > 0;
}

/// Who comes later begins anew. Returns how many came.
int SharedLoads::Part::leave() {
  const std::scoped_lock lock(all_->mutex_);
  if (!std::exchange(closed_, true)) all_->flights_.erase(place_);
  return flight_->joined;
}

void SharedLoads::Part::finish(LoadedPtr loaded) {
  if (!leads_ || !flight_) return;
  leave();
  leads_ = false;
  {
    const std::scoped_lock lock(flight_->mutex);
    flight_->is_over = true;
    flight_->loaded = std::move(loaded);
  }
  flight_->landed.notify_all();
}

void SharedLoads::Part::swap(Part& other) noexcept {
  std::swap(all_, other.all_);
  std::swap(place_, other.place_);
  std::swap(flight_, other.flight_);
  std::swap(leads_, other.leads_);
  std::swap(closed_, other.closed_);
}

}  // namespace msg
