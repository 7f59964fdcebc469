// SPDX-License-Identifier: Apache-2.0
// How sync reads a store with one writer: versions rise over the whole store in commit order.
#include "store/store.h"

namespace msg {

Result<Horizon> Snapshot::horizon() {
  Horizon horizon;
  MSG_TRY(horizon.up_to.front(), last_version());
  return horizon;
}

Result<std::vector<Standing>> Snapshot::list_standings(UserId user, ConversationId after,
                                                       int limit) {
  MSG_TRY(const auto memberships, list_memberships(user, after, limit));
  std::vector<Standing> standings;
  standings.reserve(memberships.size());
  for (const auto& membership : memberships) {
    MSG_TRY(auto conversation, find_conversation(membership.conversation));
    MSG_TRY(auto member, find_member(membership.conversation, user));
    if (!conversation || !member) {
      return fail(Code::corrupt, "a membership names no conversation or member");
    }
    standings.push_back({.membership = membership,
                         .conversation = *std::move(conversation),
                         .member = *std::move(member)});
  }
  return standings;
}

Result<Version> Snapshot::seen_version(ConversationId /*conversation*/, const Horizon& seen) {
  return seen.up_to.front();
}

}  // namespace msg
