// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "msg/messenger.h"
#include "msg/sign_in.h"
#include "routes/call.h"

namespace msgd {

// Parts of handlers that the promised forms have in common with the reference interface.

/// unavailable when sign-in is not set up.
Outcome<msg::SignIn*> sign_in_of(const Call& call);

/// Counted by what the number begins with; by address the caller does.
Outcome<msg::CodeRequested> ask_for_code(const Call& call, msg::SignIn& sign_in, std::string phone,
                                         std::string device_nonce);

/// A page of messages.
Outcome<Response> answer_history(const Call& call, msg::UserId reader,
                                 const msg::HistoryRequest& request);

}  // namespace msgd
