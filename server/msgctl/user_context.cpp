// SPDX-License-Identifier: Apache-2.0
#include "msgctl/user_context.h"

#include <boost/json/serialize.hpp>

#include "msg/status.h"
#include "msgctl/text.h"

namespace msgctl {

Outcome<UserContext> user_context(const Globals& globals) {
  if (!globals.store.empty()) {
    return bad_usage("--store is for users, tokens and keys; messages go through a server.");
  }
  MSG_TRY(const auto settings, load_settings(globals));
  MSG_TRY(auto api, user_api(settings, globals.as));
  return UserContext{.api = std::move(api), .json = globals.json};
}

std::string json_line(const boost::json::object& answer) {
  return boost::json::serialize(answer) + '\n';
}

std::string one_line(const msg::Message& message) {
  if (message.deleted || message.hidden) return "(deleted)";
  auto text = printable(message.content, Newlines::replace);
  if (message.kind == msg::MessageKind::text) return text;
  return "[" + std::string{msg::to_string(message.kind)} + "] " + text;
}

}  // namespace msgctl
