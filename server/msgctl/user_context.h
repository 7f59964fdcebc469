// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "msg/types.h"
#include "msgctl/api.h"
#include "msgctl/settings.h"

namespace msgctl {

/// What a command of one user works with.
struct UserContext {
  Api api;
  bool json;
};

/// bad_usage: with --store there is no server to talk to.
Outcome<UserContext> user_context(const Globals& globals);

/// The server's own answer as a line.
std::string json_line(const boost::json::object& answer);

/// Text of a message, on one line.
std::string one_line(const msg::Message& message);

}  // namespace msgctl
