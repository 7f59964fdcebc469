// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {

Response member_response(int status, const msg::Member& member) {
  return json_response(status, [&](std::string& out) { append_member(out, member); });
}

Outcome<Response> list_members(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, call.messenger().list_members(actor, conversation, request));
  return page_response(call.request, page, append_member);
}

Outcome<Response> add_member(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto user = reader.required_id<msg::UserId>("user_id");
  const auto role = reader.optional_role("role").value_or(msg::Role::member);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto member, call.messenger().add_member(actor, conversation, user, role));
  return member_response(201, member);
}

Outcome<Response> change_role(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto user, call.path_id<msg::UserId>(1));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto role = ObjectReader(body, problems).required_role("role");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto member, call.messenger().change_role(actor, conversation, user, role));
  return member_response(200, member);
}

Outcome<Response> remove_member(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto user, call.path_id<msg::UserId>(1));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto member, call.messenger().remove_member(actor, conversation, user));
  return member_response(200, member);
}

}  // namespace msgd
