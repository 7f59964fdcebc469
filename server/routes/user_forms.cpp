// SPDX-License-Identifier: Apache-2.0
//
// The second promised form: everything below the user that it is of. Each is an operation of the
// reference interface under another name.
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/send.h"
#include "routes/shared.h"

namespace msgd {
namespace {

Outcome<msg::UserId> user_of_path(const Call& call) {
  MSG_TRY(const auto user, call.path_id<msg::UserId>(0));
  return call.actor(user, "/user_id");
}

/// An id, or a phone number with its plus. Numbers are for keys: who could try them with a session
/// would learn which have accounts.
Outcome<msg::UserId> find_recipient(const Call& call, const std::string& recipient) {
  if (const auto id = parse_id<msg::UserId>(recipient)) return *id;
  if (!recipient.starts_with('+')) {
    return std::unexpected(invalid("/recipient", "Must be a user's id, or +, a phone number."));
  }
  if (!call.is_key()) {
    Problem problem{403, "permission_denied", "Naming a user by phone number needs an API key."};
    problem.field = "recipient";
    return std::unexpected(std::move(problem));
  }
  MSG_TRY(const auto user, call.messenger().load_user_by_phone(recipient));
  return user.id;
}

}  // namespace

Outcome<Response> open_users_conversation(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto recipient = ObjectReader(body, problems).required_string("recipient");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto user, user_of_path(call));
  MSG_TRY(const auto peer, find_recipient(call, recipient));
  MSG_TRY(const auto conversation, call.messenger().open_direct(user, peer));
  return json_response(200, [&](std::string& out) { append_conversation(out, conversation); });
}

Outcome<Response> list_users_conversations(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto user, user_of_path(call));
  MSG_TRY(const auto page, call.messenger().list_conversations(user, request));
  return page_response(call.request, page, append_view);
}

Outcome<void> send_as_user(const Call& call, Answer answer) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(1));
  MSG_TRY(auto fields, read_send(call, Addressing::none));
  MSG_TRY(const auto user, user_of_path(call));
  if (fields.sender && *fields.sender != user) {
    return std::unexpected(invalid("/sender_id", "Differs from the user of the path."));
  }
  fields.draft.sender = user;
  fields.draft.conversation = conversation;
  send(call, std::move(fields.draft), append_sent, std::move(answer));
  return {};
}

Outcome<Response> list_users_messages(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(1));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  auto request = read_history(query);
  if (const auto text = query.optional_string("last_id")) {
    const auto last = msg::parse_message_id(*text);
    if (!last || last->conversation != conversation) {
      query.refuse("last_id", "Must be the id of a message of this conversation.");
    } else if (request.order == msg::Order::oldest_first) {
      request.after = last->seq;
    } else {
      request.before = last->seq;
    }
  }
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto user, user_of_path(call));
  request.conversation = conversation;
  return answer_history(call, user, request);
}

}  // namespace msgd
