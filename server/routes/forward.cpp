// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {

Outcome<Response> forward_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto draft = read_forward(reader);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  draft.message = id;
  MSG_TRY(draft.sender, call.actor());
  MSG_TRY(auto message, call.messenger().forward(draft));
  return json_response(201, [&](std::string& out) { append_sent(out, std::move(message)); });
}

Outcome<Response> get_origin(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message, call.messenger().load_origin(actor, id));
  return json_response(200, [&](std::string& out) { append_message(out, message); });
}

}  // namespace msgd
