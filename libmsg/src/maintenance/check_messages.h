// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "maintenance/check_members.h"
#include "maintenance/findings.h"
#include "maintenance/record_stream.h"
#include "store/store.h"

namespace msg {

/// Where the messages of the next conversation are read from, with what belongs to them.
struct MessageSources {
  Snapshot& snapshot;
  RecordStream& messages;
  RecordStream& marks;    ///< Time marks.
  RecordStream& keys;     ///< Idempotency keys.
  RecordStream& changes;  ///< The change index.
  RecordStream& revisions;
  RecordStream& annotations;
  const Horizon& horizon;
  Findings& findings;
};

/// All messages of the conversation: numbers, versions, senders; time marks and idempotency keys;
/// and what the head and the members say of them.
Result<void> check_messages(const MessageSources& sources, const ConversationRow& head,
                            MemberCounts& members);

}  // namespace msg
