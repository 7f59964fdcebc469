// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "messenger/view.h"

namespace msg {

/// Calls `visit(Standing)` for every conversation the user is or was in, ascending by id. Reads
/// heads only: three records per conversation, never a message. Stops at the first error.
template <class Visit>
Result<void> for_each_standing(Snapshot& snapshot, UserId user, Visit visit) {
  constexpr int kPage = 1000;
  for (ConversationId after{};;) {
    MSG_TRY(auto standings, snapshot.list_standings(user, after, kPage));
    if (standings.empty()) return {};
    after = standings.back().membership.conversation;
    const bool is_last = standings.size() < kPage;
    for (auto& standing : standings) MSG_CHECK(visit(std::move(standing)));
    if (is_last) return {};
  }
}

}  // namespace msg
