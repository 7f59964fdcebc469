// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {
Outcome<Response> add_reaction(const Call& call) {
  msg::Reaction reaction;
  MSG_TRY(reaction.message, call.path_message(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  reaction.emoji = ObjectReader(body, problems).required_string("emoji");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message, call.messenger().react(actor, reaction));
  return message_response(message);
}

Outcome<Response> remove_reaction(const Call& call) {
  msg::Reaction reaction;
  MSG_TRY(reaction.message, call.path_message(0));
  FieldProblems problems;
  reaction.emoji =
      QueryReader(call.request.query, problems).optional_string("emoji").value_or(std::string{});
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto message, call.messenger().remove_reaction(actor, reaction));
  return message_response(message);
}

Outcome<Response> list_reactions(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, call.messenger().list_reactions(actor, id, request));
  return page_response(call.request, page, append_reactor);
}

}  // namespace msgd
