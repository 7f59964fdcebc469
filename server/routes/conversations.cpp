// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {
namespace {

Response conversation_response(int status, const msg::Conversation& conversation) {
  return json_response(status, [&](std::string& out) { append_conversation(out, conversation); });
}

/// An admin's key may look numbers up anyway; for all others each one counts.
Outcome<Response> open_direct_by_phone(const Call& call, const std::string& phone) {
  MSG_TRY(const auto actor, call.actor());
  if (!call.is_admin()) {
    Services& services = call.services;
    if (!services.phone_lookups) {
      Problem problem{403, "permission_denied", "Nobody is found by phone number here."};
      problem.field = "phone";
      return std::unexpected(std::move(problem));
    }
    const auto judged = services.limits.judge(RateClass::lookups, {.user = actor}).verdict;
    if (!judged.allowed) return std::unexpected(rate_limited(judged.retry_after));
  }
  MSG_TRY(const auto conversation, call.messenger().open_direct_by_phone(actor, phone));
  return conversation_response(200, conversation);
}

Outcome<Response> open_direct(const Call& call, ObjectReader& reader, FieldProblems& problems) {
  const auto phone = reader.optional_string("phone");
  if (phone && reader.has("user_id")) reader.refuse("phone", "Give either user_id or phone.");
  if (phone && problems.empty()) return open_direct_by_phone(call, *phone);
  const auto peer = reader.required_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto conversation, call.messenger().open_direct(actor, peer));
  return conversation_response(200, conversation);
}

Outcome<Response> create_group(const Call& call, ObjectReader& reader, FieldProblems& problems) {
  msg::NewGroup group;
  group.title = reader.required_string("title");
  group.users = reader.optional_user_ids("user_ids");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto conversation, call.messenger().create_group(actor, group));
  return conversation_response(201, conversation);
}

}  // namespace

Outcome<Response> open_conversation(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto kind = reader.required_string("kind");
  if (kind == "direct") return open_direct(call, reader, problems);
  if (kind == "group") return create_group(call, reader, problems);
  if (problems.empty()) reader.refuse("kind", "Must be direct or group.");
  return std::unexpected(invalid(std::move(problems)));
}

Outcome<Response> list_conversations(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, call.messenger().list_conversations(actor, request));
  return page_response(call.request, page, append_view);
}

Outcome<Response> get_conversation(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto view, call.messenger().load_conversation(actor, id));
  return json_response(200, [&](std::string& out) { append_view(out, view); });
}

Outcome<Response> rename_conversation(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  auto title = ObjectReader(body, problems).required_string("title");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto conversation, call.messenger().rename_group(actor, id, std::move(title)));
  return conversation_response(200, conversation);
}

Outcome<Response> prefer(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ConversationId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  msg::PreferencesPatch patch;
  patch.pinned = reader.optional_boolean("pinned");
  patch.archived = reader.optional_boolean("archived");
  patch.muted_until = reader.optional_time("muted_until");
  // Answers say null for not muted, so null unmutes here.
  if (reader.names("muted_until") && !reader.has("muted_until")) patch.muted_until = msg::Time{};
  const auto named = reader.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor(named, "/user_id"));
  MSG_TRY(const auto preferences, call.messenger().prefer(actor, id, patch));
  return json_response(200, [&](std::string& out) { append_preferences(out, preferences); });
}

}  // namespace msgd
