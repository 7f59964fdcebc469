// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "messenger/view.h"

namespace msg {

/// What one reader is told of messages of one conversation, beside what all are: own_reactions and
/// quote; and what the reader deleted for themselves is taken out. Costs nothing for messages and
/// readers that have nothing of it, else two reads for all of them.
Result<void> add_personal(Snapshot& snapshot, const Access& access, std::span<Message> messages);

/// Of the last message of a view only the last of these.
Result<void> take_out_hidden(Snapshot& snapshot, const Access& access, std::span<Message> messages);

/// Leaves of a message what its reader keeps after deleting it for themselves.
void hide_content(Message& message, Version since);

}  // namespace msg
