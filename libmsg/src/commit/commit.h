// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/horizon.h"
#include "msg/event.h"
#include "store/rows.h"

namespace msg {

/// What a commit did to lists of conversations.
struct ListChanges {
  std::vector<ListPlace> places;  ///< Of every head that was written.
  std::vector<MembershipRow> memberships;
};

/// Whether the user is told, from now on, what others have read.
struct ReadsSwitch {
  UserId user{};
  bool is_told{};
  bool operator==(const ReadsSwitch&) const = default;
};

/// A commit that is durable, for those who follow what happens.
struct Commit {
  std::vector<std::shared_ptr<Event>> events;  ///< In order.
  std::uint32_t life{0};                       ///< Tag of the life in which it was made.
  /// This writer's newest versions before it and with it; the latter is 0 when nothing was written.
  Version before{};
  Version last{};
  Horizon built_on{};  ///< WriteTransaction::built_on()
  ListChanges lists;
  std::vector<ReadsSwitch> switches;
};

}  // namespace msg
