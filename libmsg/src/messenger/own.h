// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "commit/batch.h"

namespace msg {

/// Stamps a change to what only the user of this member is told of.
inline void stamp_own(Batch& batch, const ConversationRow& conversation, MemberRow& row,
                      std::size_t writer) {
  row.own.version = batch.next_version_above(std::max(conversation.version, row.own.version));
  row.own.writer = writer;
}

}  // namespace msg
