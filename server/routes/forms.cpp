// SPDX-License-Identifier: Apache-2.0
//
// The first promised form of the interface, in the words of its users: /register, /message/send and
// so on. Each is an operation of the reference interface under another name.
#include <fmt/ranges.h>
#include <sodium.h>

#include <array>
#include <string_view>
#include <utility>

#include "msg/sign_in.h"
#include "ops/reported_presence.h"
#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/send.h"
#include "routes/shared.h"

namespace msgd {
namespace {

/// Mistakes are named in the words of the form.
Problem reworded(Problem problem) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"phone", "phoneNumber"},  {"user_id", "receiverId"}, {"conversation_id", "chatId"},
      {"client_id", "clientId"}, {"kind", "type"},          {"device_nonce", "deviceNonce"},
      {"from", "fromTimestamp"},
  };
  for (const auto& [reference, form] : kWords) {
    if (problem.field == reference) problem.field = form;
  }
  return problem;
}

Outcome<Response> reworded(Outcome<Response> outcome) {
  if (!outcome) outcome.error() = reworded(std::move(outcome).error());
  return outcome;
}

struct Registered {
  msg::User user;
  std::string token;
  bool is_new{false};
};

Response answer_registered(const Registered& registered) {
  return json_response(registered.is_new ? 201 : 200, [&](std::string& out) {
    JsonObject(out)
        .text("status", "registered")
        .id("userId", registered.user.id)
        .text("phoneNumber", registered.user.phone)
        .text("sessionToken", registered.token)
        .boolean("isNewUser", registered.is_new);
  });
}

/// On the word of the embedding application.
Outcome<Response> register_by_key(const Call& call, const std::string& phone) {
  Registered registered;
  auto made = call.administration().register_user({.phone = phone});
  registered.is_new = made.has_value();
  if (!made && made.error().code == msg::Code::conflict) {
    made = call.messenger().load_user_by_phone(phone);
  }
  if (!made) return std::unexpected(reworded(Problem{std::move(made).error()}));
  registered.user = *std::move(made);
  MSG_TRY(auto session, call.administration().create_session(registered.user.id, {}));
  registered.token = std::move(session.token);
  return answer_registered(registered);
}

/// For a device that makes none itself: who has asked gets it back, and nobody else.
std::string make_nonce() {
  std::array<unsigned char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

Outcome<Response> have_code_sent(const Call& call, msg::SignIn& sign_in, std::string phone,
                                 const std::string& device_nonce) {
  // The route has counted a request like any other; this one sends something.
  RateLimits& limits = call.services.limits;
  const auto judged = limits.judge(RateClass::sign_in, {.address = call.request.peer}).verdict;
  if (!judged.allowed) return std::unexpected(rate_limited(judged.retry_after));
  const auto requested = ask_for_code(call, sign_in, std::move(phone), device_nonce);
  if (!requested) return std::unexpected(reworded(requested.error()));
  return json_response(202, [&](std::string& out) {
    JsonObject(out)
        .text("status", "code_sent")
        .text("requestId", requested->request_id)
        .text("deviceNonce", device_nonce)
        .number("expiresInSeconds", requested->lifetime.count())
        .number("resendAfterSeconds", requested->resend_after.count());
  });
}

/// By whoever has the telephone: a code is sent, and comes back with the nonce of the same device.
Outcome<Response> register_by_code(const Call& call, ObjectReader& reader, std::string phone,
                                   FieldProblems& problems) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  if (!reader.has("code")) {
    const auto nonce = reader.optional_string("deviceNonce").value_or(make_nonce());
    if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
    return have_code_sent(call, *sign_in, std::move(phone), nonce);
  }
  msg::SignInAttempt attempt{.proof = {.request_id = reader.required_string("requestId"),
                                       .device_nonce = reader.required_string("deviceNonce"),
                                       .code = reader.required_string("code")},
                             .pin = reader.optional_string("pin")};
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(auto in, sign_in->verify(attempt));
  return answer_registered(
      {.user = std::move(in.user), .token = std::move(in.session.token), .is_new = in.is_new_user});
}

void append_sent_form(std::string& out, msg::Message message) {
  const auto state = message.state.value_or(msg::MessageState::sent);
  JsonObject(out)
      .text("messageId", msg::to_string(message.id))
      .id("chatId", message.id.conversation)
      .text("status", msg::to_string(state))
      .time("timestamp", message.created_at);
}

/// Milliseconds since 1970, or as everywhere else.
std::optional<msg::Time> read_timestamp(QueryReader& query, std::string_view name) {
  const auto text = query.optional_string(name);
  if (!text || text->find_first_not_of("0123456789") != std::string::npos) {
    return query.optional_time(name);
  }
  constexpr std::int64_t year_10000 = 253'402'300'800'000;
  const auto number = query.optional_integer(name).value_or(0);
  if (number >= year_10000) query.refuse(name, "Must lie before the year 10000.");
  return msg::Time{std::chrono::milliseconds{number}};
}

std::optional<msg::PresenceState> parse_presence(std::string_view text) {
  for (const auto state :
       {msg::PresenceState::online, msg::PresenceState::away, msg::PresenceState::offline}) {
    if (text == msg::to_string(state)) return state;
  }
  return std::nullopt;
}

}  // namespace

Outcome<Response> register_phone(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto phone = reader.required_string("phoneNumber");
  if (call.principal.session) {
    return std::unexpected(
        Problem{403, "permission_denied", "This needs an API key, or no token at all."});
  }
  if (!call.is_key()) return register_by_code(call, reader, std::move(phone), problems);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return register_by_key(call, phone);
}

Outcome<void> send_form(const Call& call, Answer answer) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  DraftFields fields;
  fields.sender = reader.optional_id<msg::UserId>("senderId");
  fields.receiver = reader.optional_id<msg::UserId>("receiverId");
  const auto chat = reader.optional_id<msg::ConversationId>("chatId");
  if (reader.has("receiverId") == reader.has("chatId")) {
    reader.refuse("receiverId", "Give either receiverId or chatId.");
  }
  fields.draft.conversation = chat.value_or(msg::ConversationId{});
  fields.draft.content = reader.required_string("content");
  fields.draft.kind = reader.optional_kind("type").value_or(msg::MessageKind::text);
  fields.draft.client_id = reader.optional_string("clientId").value_or(std::string{});
  read_idempotency_key(call.request, "/clientId", fields, problems);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  MSG_TRY(fields.draft.sender, call.actor(fields.sender, "/senderId"));
  const auto chosen = resolve(call.messenger(), fields);
  if (!chosen) return std::unexpected(reworded(Problem{chosen.error()}));
  fields.draft.conversation = *chosen;
  send(call, std::move(fields.draft), append_sent_form,
       [answer = std::move(answer)](Outcome<Response> outcome) {
         answer(reworded(std::move(outcome)));
       });
  return {};
}

Outcome<Response> fetch_form(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  msg::HistoryRequest request{.order = msg::Order::oldest_first};
  const auto chat = query.optional_id<msg::ConversationId>("chatId");
  if (!query.optional_string("chatId")) query.refuse("chatId", "Is required.");
  request.from = read_timestamp(query, "fromTimestamp");
  request.limit = read_limit(query);
  request.cursor = query.optional_string("cursor").value_or(std::string{});
  const auto named = query.optional_id<msg::UserId>("userId");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  MSG_TRY(const auto reader, call.actor(named, "?userId"));
  request.conversation = *chat;
  return reworded(answer_history(call, reader, request));
}

Outcome<Response> update_status_form(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto named = reader.optional_id<msg::UserId>("userId");
  const auto state = parse_presence(reader.required_string("status"));
  if (!state && problems.empty()) reader.refuse("status", "Must be online, away or offline.");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  MSG_TRY(const auto actor, call.actor(named, "/userId"));
  MSG_TRY(const auto user, call.messenger().load_user(actor));
  MSG_CHECK(call.services.reported_presence.report(user, *state));
  return json_response(200, [&](std::string& out) {
    JsonObject(out)
        .id("userId", actor)
        .text("status", msg::to_string(*state))
        .number("expiresInSeconds",
                *state == msg::PresenceState::offline ? 0 : ReportedPresence::kLifetime.count());
  });
}

}  // namespace msgd
