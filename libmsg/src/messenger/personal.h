// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "messenger/view.h"

namespace msg {

/// What one reader is told of messages of one conversation, beside what all are: own_reactions and
/// quote. Costs nothing for messages that have nothing of it, else two reads for all of them.
Result<void> add_personal(Snapshot& snapshot, const Access& access, std::span<Message> messages);

}  // namespace msg
