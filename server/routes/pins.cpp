// SPDX-License-Identifier: Apache-2.0
#include "routes/handlers.h"
#include "routes/shared.h"

namespace msgd {
Outcome<Response> pin_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message, call.messenger().pin(actor, id));
  return message_response(message);
}

Outcome<Response> unpin_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message, call.messenger().unpin(actor, id));
  return message_response(message);
}

Outcome<Response> list_pins(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto pins, call.messenger().list_pins(actor, id));
  const auto item = [](std::string& out, const msg::Message& m) { append_message(out, m); };
  return json_response(200, [&](std::string& out) { JsonObject(out).array("items", pins, item); });
}

}  // namespace msgd
