// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {
namespace {

void append_item(std::string& out, const msg::Message& message) {
  append_message(out, message);
}

/// These two have never talked, and reading makes no conversation: an empty page, unless there is
/// something wrong with what was asked.
Outcome<Response> answer_no_history(const Call& call, msg::UserId reader, msg::UserId peer,
                                    const msg::HistoryRequest& request) {
  const auto none = call.messenger().history(reader, request);
  if (!none && none.error().code != msg::Code::not_found) return std::unexpected(none.error());
  MSG_CHECK(call.messenger().load_user(peer));
  return page_response(call.request, msg::Page<msg::Message>{}, append_item);
}

/// The reader and the other side of the short form.
struct ShortForm {
  std::optional<msg::UserId> user;
  std::optional<msg::UserId> peer;
  std::optional<msg::ConversationId> group;
};

ShortForm read_short_form(QueryReader& query) {
  ShortForm form;
  form.user = query.optional_id<msg::UserId>("user_id");
  form.peer = query.optional_id<msg::UserId>("peer_id");
  form.group = query.optional_id<msg::ConversationId>("group_id");
  const bool has_peer = query.optional_string("peer_id").has_value();
  const bool has_group = query.optional_string("group_id").has_value();
  if (has_peer == has_group) query.refuse("peer_id", "Give either peer_id or group_id.");
  return form;
}

}  // namespace

Outcome<Response> answer_history(const Call& call, msg::UserId reader,
                                 const msg::HistoryRequest& request) {
  MSG_TRY(const auto page, call.messenger().history(reader, request));
  return page_response(call.request, page, append_item);
}

Outcome<Response> list_messages(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto form = read_short_form(query);
  auto request = read_history(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  MSG_TRY(const auto reader, call.actor(form.user, "?user_id"));
  if (form.group) {
    request.conversation = *form.group;
  } else {
    MSG_TRY(const auto direct, call.messenger().find_direct(reader, *form.peer));
    if (!direct) return answer_no_history(call, reader, *form.peer, request);
    request.conversation = direct->id;
  }
  return answer_history(call, reader, request);
}

Outcome<Response> list_conversation_messages(const Call& call) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto named = query.optional_id<msg::UserId>("user_id");
  auto request = read_history(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  MSG_TRY(const auto reader, call.actor(named, "?user_id"));
  request.conversation = conversation;
  return answer_history(call, reader, request);
}

Outcome<Response> get_message(const Call& call) {
  MSG_TRY(const auto id, call.path_message(0));
  MSG_TRY(const auto reader, call.actor());
  MSG_TRY(const auto message, call.messenger().load_message(reader, id));
  return json_response(200, [&](std::string& out) { append_message(out, message); });
}

}  // namespace msgd
