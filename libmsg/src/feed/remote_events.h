// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "feed/hint.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// The events that another process tells of, as the store has them now: what changed since then
/// once more, by an event that follows, shows already. Of what is not there any more there is none.
/// Reaction events come without saying who reacted how: the message's counts do.
Result<std::vector<std::shared_ptr<Event>>> load_events(Snapshot& snapshot,
                                                        const std::vector<EventNote>& notes);

}  // namespace msg
