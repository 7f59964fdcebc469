// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "messenger/view.h"

namespace msg {

/// Calls `visit(Access, Version)` for every conversation the user is or was in, ascending by id;
/// the version is that of joining or leaving. Reads heads only: three records per conversation,
/// never a message. Stops at the first error.
template <class Visit>
Result<void> for_each_membership(Snapshot& snapshot, UserId user, Visit visit) {
  constexpr int kPage = 1000;
  for (ConversationId after{};;) {
    MSG_TRY(const auto memberships, snapshot.list_memberships(user, after, kPage));
    for (const auto& membership : memberships) {
      MSG_TRY(auto access, load_access(snapshot, user, membership.conversation));
      MSG_CHECK(visit(std::move(access), membership.version));
    }
    if (memberships.size() < kPage) return {};
    after = memberships.back().conversation;
  }
}

}  // namespace msg
