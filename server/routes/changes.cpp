// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {

Response message_response(const msg::Message& message) {
  return json_response(200, [&](std::string& out) { append_message(out, message); });
}

Outcome<Response> edit_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  auto content = ObjectReader(body, problems).required_string("content");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message,
          call.messenger().edit(actor, {.message = id, .content = std::move(content)}));
  return message_response(message);
}

Outcome<Response> delete_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const ForWhom whom = read_for_whom(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  auto& messenger = call.messenger();
  MSG_TRY(const auto message, whom == ForWhom::me ? messenger.delete_for_me(actor, id)
                                                  : messenger.delete_for_everyone(actor, id));
  return message_response(message);
}

Outcome<Response> list_revisions(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto revisions, call.messenger().list_revisions(actor, id));
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("items", revisions, append_revision); });
}

}  // namespace msgd
