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
/// A member has two `read` marks while its user gives no read receipts: its own, and the one that
/// others are shown, which stays behind.

/// What a receipt changed.
struct Raised {
  bool delivered{false};
  bool shown{false};   ///< The `read` mark that others are shown.
  bool read{false};    ///< The user's own.
  bool unread{false};  ///< The user's mark that the conversation is unread is gone.
  explicit operator bool() const { return delivered || shown || read || unread; }
};
/// Raises the marks of `member`. `is_told`: whether others are to know what was read.
Raised raise_marks(MemberRow& member, MessageState state, Seq up_to, Time now, bool is_told = true);

/// The `read` mark that others are shown.
Seq shown_read(const MemberRow& member);

/// How far the message got with this member, as the reader is told.
MessageState state_for(const MemberRow& member, Seq seq, const Reader& reader);

/// When the mark reached `seq`, as exactly as the runs still tell.
std::optional<Time> reached_at(const std::vector<ReceiptRun>& runs, Seq seq);

/// Whether a message of this seq and sender is for this member to receive.
bool is_recipient(const MemberRow& member, Seq seq, UserId sender);

/// Fills Message::state of the messages that the reader sent: a get for the peer of a direct
/// conversation, one scan of the members of a group.
Result<void> fill_states(Snapshot& snapshot, const Access& reader, std::vector<Message>& messages);

}  // namespace msg
