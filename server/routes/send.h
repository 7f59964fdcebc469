// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "msg/messenger.h"
#include "routes/call.h"
#include "routes/read_requests.h"

namespace msgd {

/// What the body and headers of a request to send say.
Outcome<DraftFields> read_send(const Call& call, Addressing addressing);

/// Sends, and answers 201 with what `write` makes of the message.
void send(const Call& call, msg::Draft draft, void (*write)(std::string& out, msg::Message message),
          Answer answer);

}  // namespace msgd
