// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "live/push_frame.h"
#include "msg/event.h"

namespace msgd {

/// The frame of an event for one receiver. All receivers of an event that may see the same share
/// one frame: a thread hands an event to one receiver after the other, so each thread keeps the
/// frames of the latest. Of a message there are two in each style, the sender's with client_id and
/// the others'.
///
/// Thread safety: from any thread.
SharedFrame event_frame(const std::shared_ptr<const msg::Event>& event, msg::UserId receiver,
                        FrameStyle style);

}  // namespace msgd
