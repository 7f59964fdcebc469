// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "msg/messenger.h"
#include "msg/sign_in.h"
#include "routes/call.h"

namespace msgd {

// Parts that several files of handlers have in common.

/// unavailable when sign-in is not set up.
Outcome<msg::SignIn*> sign_in_of(const Call& call);

/// Counted by what the number begins with; by address the caller does.
Outcome<msg::CodeRequested> ask_for_code(const Call& call, msg::SignIn& sign_in, std::string phone,
                                         std::string device_nonce);

/// What the library measures in seconds has the unit in its name here.
template <class T>
Outcome<T> with_units(msg::Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return *std::move(result);
    }
  }
  msg::Error error = std::move(result).error();
  if (error.field == "slow_mode" || error.field == "lifetime") error.field += "_s";
  return std::unexpected(Problem{std::move(error)});
}

Response message_response(const msg::Message& message);
Response member_response(int status, const msg::Member& member);

/// A page of messages.
Outcome<Response> answer_history(const Call& call, msg::UserId reader,
                                 const msg::HistoryRequest& request);

}  // namespace msgd
