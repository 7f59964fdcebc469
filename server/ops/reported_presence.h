// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "msg/presence.h"

namespace msgd {

/// Users who say by request that they are there, instead of keeping a connection. What they say
/// holds for kLifetime; who says nothing more has gone then.
///
/// Thread safety: all calls from any thread. `presence` must outlive it.
class ReportedPresence {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kLifetime{90};
  static constexpr std::size_t kUsersMax = 65'536;

  explicit ReportedPresence(msg::Presence& presence,
                            std::function<Time()> clock = std::chrono::steady_clock::now)
      : presence_(presence), clock_(std::move(clock)) {}

  /// `user` as it is stored now. overloaded: kUsersMax others are there.
  msg::Result<void> report(const msg::User& user, msg::PresenceState state);

  /// Forgets who said nothing for too long; to be called about once a second.
  void expire();

  /// Forgets everybody: for the end.
  void clear();

 private:
  struct Report {
    msg::UserId user{};
    std::unique_ptr<msg::PresenceDevice> device;
    Time until;
  };
  using Reports = std::list<Report>;  // each lasts equally long, so the first ends first

  msg::Presence& presence_;
  const std::function<Time()> clock_;
  std::mutex mutex_;
  Reports reports_;
  std::unordered_map<msg::UserId, Reports::iterator> by_user_;
};

}  // namespace msgd
