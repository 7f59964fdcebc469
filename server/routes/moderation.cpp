// SPDX-License-Identifier: Apache-2.0
#include "msg/moderation.h"

#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {
namespace {

std::optional<std::chrono::seconds> optional_seconds(ObjectReader& reader, std::string_view name) {
  const auto number = reader.optional_integer(name);
  return number ? std::optional{std::chrono::seconds{*number}} : std::nullopt;
}

msg::RulesPatch read_rules(ObjectReader& reader) {
  return {.send = reader.optional_role("send"),
          .add = reader.optional_role("add"),
          .rename = reader.optional_role("rename"),
          .pin = reader.optional_role("pin"),
          .slow_mode = optional_seconds(reader, "slow_mode_s"),
          .history_for_newcomers = reader.optional_boolean("history_for_newcomers"),
          .members_max = reader.optional_integer("members_max")};
}

Response conversation_response(const msg::Conversation& conversation) {
  return json_response(200, [&](std::string& out) { append_conversation(out, conversation); });
}

Outcome<msg::PageRequest> page_of(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return request;
}

/// The answer to a join request: a member, or nothing.
Outcome<Response> answer_join_request(const Call& call, bool let_in) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto user, call.path_id<msg::UserId>(1));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto member,
          msg::Moderation{call.messenger()}.answer_join_request(actor, id, user, let_in));
  return member ? member_response(201, *member) : no_content();
}

}  // namespace

Outcome<Response> change_rules(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto patch = read_rules(reader);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto changed,
          with_units(msg::Moderation{call.messenger()}.change_rules(actor, id, patch)));
  return conversation_response(changed);
}

Outcome<Response> create_invitation(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const msg::NewInvitation wanted{
      .conversation = id,
      .lifetime = optional_seconds(reader, "lifetime_s"),
      .uses_max = reader.optional_integer("uses_max"),
      .needs_approval = reader.optional_boolean("needs_approval").value_or(false)};
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto made,
          with_units(msg::Moderation{call.messenger()}.create_invitation(actor, wanted)));
  return json_response(201, [&](std::string& out) { append_invitation(out, made); });
}

Outcome<Response> list_invitations(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto all, msg::Moderation{call.messenger()}.list_invitations(actor, id));
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("items", all, append_invitation); });
}

Outcome<Response> revoke_invitation(const Call& call) {
  MSG_TRY(const auto actor, call.actor());
  MSG_CHECK(msg::Moderation{call.messenger()}.revoke_invitation(actor, call.params[0]));
  return no_content();
}

Outcome<Response> join_conversation(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto token = ObjectReader(body, problems).required_string("token");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto member, msg::Moderation{call.messenger()}.join(actor, token));
  if (member) return member_response(200, *member);
  return json_response(202, [](std::string& out) { JsonObject(out).text("status", "asked"); });
}

Outcome<Response> list_join_requests(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto request, page_of(call));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page,
          msg::Moderation{call.messenger()}.list_join_requests(actor, id, request));
  return page_response(call.request, page, append_join_request);
}

Outcome<Response> accept_join_request(const Call& call) {
  return answer_join_request(call, true);
}

Outcome<Response> decline_join_request(const Call& call) {
  return answer_join_request(call, false);
}

Outcome<Response> accept_direct(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto accepted, msg::Moderation{call.messenger()}.accept_direct(actor, id));
  return conversation_response(accepted);
}

Outcome<Response> block_user(const Call& call) {
  MSG_TRY(const auto user, call.path_id<msg::UserId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto block, msg::Moderation{call.messenger()}.block(actor, user));
  return json_response(200, [&](std::string& out) { append_block(out, block); });
}

Outcome<Response> unblock_user(const Call& call) {
  MSG_TRY(const auto user, call.path_id<msg::UserId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_CHECK(msg::Moderation{call.messenger()}.unblock(actor, user));
  return no_content();
}

Outcome<Response> list_blocks(const Call& call) {
  MSG_TRY(const auto request, page_of(call));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, msg::Moderation{call.messenger()}.list_blocks(actor, request));
  return page_response(call.request, page, append_block);
}

}  // namespace msgd
