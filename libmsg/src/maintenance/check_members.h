// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "maintenance/findings.h"
#include "store/store.h"

namespace msg {

/// A member of the conversation that is looked at, and a recount of its own messages.
struct MemberCount {
  Stamped<MemberRow> stored;
  std::int64_t sent{0};
  std::int64_t sent_up_to_read{0};
};
using MemberCounts = std::map<UserId, MemberCount>;

/// What a member's row says by itself and beside its conversation's head: where watermarks,
/// visible range and receipt times may lie, and which versions there can be.
void check_member(const Stamped<MemberRow>& member, const ConversationRow& head,
                  const Horizon& horizon, Findings& findings);

/// What the head says of its members: how many, how many owners, the two of a direct one.
void check_member_counts(const ConversationRow& head, const MemberCounts& members,
                         Findings& findings);

/// Own messages, as the head and the members count them, against the recount.
void check_sent_counts(const ConversationRow& head, const MemberCounts& members,
                       Findings& findings);

}  // namespace msg
