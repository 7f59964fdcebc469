// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "messenger/view.h"
#include "msg/requests.h"
#include "msg/types.h"
#include "store/rows.h"
#include "store/store.h"

namespace msg {

/// The delivery state machine, pure. A member's marks are two watermarks, delivered ≥ read; a
/// receipt is a join (max) with them, so receipts may come late, twice and in any order and still
/// end in the same state. Test: tests/unit/receipts_test.cpp.
///
/// Raises the marks of `member`; false when the receipt says nothing new.
bool raise_marks(MemberRow& member, MessageState state, Seq up_to, Time now);

/// How far the message got with this member.
MessageState state_for(const MemberRow& member, Seq seq);

/// When the mark reached `seq`, as exactly as the runs still tell.
std::optional<Time> reached_at(const std::vector<ReceiptRun>& runs, Seq seq);

/// Whether a message of this seq and sender is for this member to receive.
bool is_recipient(const MemberRow& member, Seq seq, UserId sender);

/// Fills Message::state of the messages that the reader sent: a get for the peer of a direct
/// conversation, one scan of the members of a group.
Result<void> fill_states(Snapshot& snapshot, const Access& reader, std::vector<Message>& messages);

}  // namespace msg
