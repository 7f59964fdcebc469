// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {
namespace {

Outcome<void> mark(const Call& call, const msg::ReceiptMark& mark, std::optional<msg::UserId> named,
                   Answer answer) {
  MSG_TRY(const auto actor, call.actor(named, "/user_id"));
  call.messenger().mark_async(
      actor, mark, [answer = std::move(answer)](msg::Result<msg::Member> marked) {
        if (!marked) return answer(std::unexpected(Problem{std::move(marked).error()}));
        answer(json_response(200, [&](std::string& out) { append_member(out, *marked); }));
      });
  return {};
}

Outcome<void> mark_message(const Call& call, msg::MessageState state, Answer answer) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto named = ObjectReader(body, problems).optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return mark(call, {.conversation = id.conversation, .state = state, .up_to = id.seq}, named,
              std::move(answer));
}

Outcome<void> mark_conversation(const Call& call, msg::MessageState state, Answer answer) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto seq = reader.required_seq("seq");
  const auto named = reader.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return mark(call, {.conversation = conversation, .state = state, .up_to = seq}, named,
              std::move(answer));
}

}  // namespace

Outcome<void> mark_message_delivered(const Call& call, Answer answer) {
  return mark_message(call, msg::MessageState::delivered, std::move(answer));
}

Outcome<void> mark_message_read(const Call& call, Answer answer) {
  return mark_message(call, msg::MessageState::read, std::move(answer));
}

Outcome<void> mark_delivered(const Call& call, Answer answer) {
  return mark_conversation(call, msg::MessageState::delivered, std::move(answer));
}

Outcome<void> mark_read(const Call& call, Answer answer) {
  return mark_conversation(call, msg::MessageState::read, std::move(answer));
}

Outcome<Response> get_message_status(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto status, call.messenger().message_status(actor, id));
  MSG_TRY(const auto recipients, call.messenger().list_recipients(actor, id, {}));
  return json_response(200,
                       [&](std::string& out) { append_status(out, status, &recipients.items); });
}

Outcome<Response> list_recipients(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, call.messenger().list_recipients(actor, id, request));
  return page_response(call.request, page, append_recipient);
}

Outcome<Response> list_receipts(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  auto request = read_receipts_request(query);
  request.message = id;
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, call.messenger().list_receipts(actor, request));
  return page_response(call.request, page, append_receipt);
}

Outcome<Response> mark_all_read(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto named = ObjectReader(body, problems).optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor(named, "/user_id"));
  MSG_TRY(const auto marked, call.messenger().mark_all_read(actor));
  return json_response(200, [&](std::string& out) { JsonObject(out).number("marked", marked); });
}

Outcome<Response> mark_unread(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto seq = reader.required_seq("seq");
  const auto named = reader.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor(named, "/user_id"));
  MSG_TRY(const auto mark, call.messenger().mark_unread(actor, conversation, seq));
  return json_response(200, [&](std::string& out) { append_unread(out, mark); });
}

namespace {

Outcome<Response> post_activity(const Call& call, msg::Activity activity) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_CHECK(call.messenger().typing(actor, conversation, activity));
  return no_content();
}

}  // namespace

Outcome<Response> post_typing(const Call& call) {
  return post_activity(call, msg::Activity::typing);
}

Outcome<Response> post_recording(const Call& call) {
  return post_activity(call, msg::Activity::recording);
}

}  // namespace msgd
