// SPDX-License-Identifier: Apache-2.0
#include "ops/reported_presence.h"

#include <utility>

namespace msgd {

msg::Result<void> ReportedPresence::report(const msg::User& user, msg::PresenceState state) {
  const std::scoped_lock lock(mutex_);
  auto known = by_user_.find(user.id);
  if (state == msg::PresenceState::offline) {
    if (known == by_user_.end()) return {};
    reports_.erase(known->second);
    by_user_.erase(known);
    return {};
  }
  if (known == by_user_.end()) {
    if (by_user_.size() >= kUsersMax) {
      return std::unexpected(
          msg::Error{.code = msg::Code::overloaded, .detail = "Too many users report presence."});
    }
    reports_.push_back({.user = user.id, .device = presence_.enter(user), .until = {}});
    known = by_user_.emplace(user.id, std::prev(reports_.end())).first;
  }
  Report& report = *known->second;
  report.until = clock_() + kLifetime;
  report.device->touch();
  report.device->set_away(state == msg::PresenceState::away);
  reports_.splice(reports_.end(), reports_, known->second);
  return {};
}

void ReportedPresence::expire() {
  const std::scoped_lock lock(mutex_);
  const Time now = clock_();
  while (!reports_.empty() && reports_.front().until <= now) {
    by_user_.erase(reports_.front().user);
    reports_.pop_front();
  }
}

void ReportedPresence::clear() {
  const std::scoped_lock lock(mutex_);
  by_user_.clear();
  reports_.clear();
}

}  // namespace msgd
