// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "arguments.h"
#include "msg/messenger.h"
#include "record.h"

namespace pymsg {

/// From what send() takes.
inline msg::Draft draft_of(msg::UserId sender, msg::ConversationId conversation, Text content,
                           msg::MessageKind kind, std::optional<msg::Seq> reply_to,
                           std::optional<msg::Time> timestamp, Text client_id,
                           std::vector<msg::UserId> mentions) {
  return {.conversation = conversation,
          .sender = sender,
          .content = content,
          .kind = kind,
          .reply_to = reply_to,
          .timestamp = timestamp,
          .client_id = client_id,
          .mentions = std::move(mentions)};
}

/// From a libmsg.Draft, by its slots.
msg::Draft draft_of(py::handle draft);

void look_up_drafts(const py::module_& drafts);

}  // namespace pymsg
