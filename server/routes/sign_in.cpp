// SPDX-License-Identifier: Apache-2.0
#include "msg/sign_in.h"

#include <utility>

#include "auth/jwt_sign_in.h"
#include "msg/external_ids.h"
#include "msg/sessions.h"
#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {
namespace {

Outcome<msg::Session> own_session(const Call& call) {
  if (call.principal.session) return *call.principal.session;
  return std::unexpected(Problem{403, "permission_denied", "This needs a session, not a key."});
}

msg::ProvenPhone read_proof(ObjectReader& reader) {
  return {.request_id = reader.required_string("request_id"),
          .device_nonce = reader.required_string("device_nonce"),
          .code = reader.required_string("code")};
}

void end_live(const Call& call, const std::vector<msg::SessionId>& ended) {
  if (!call.services.session_revoked) return;
  for (const msg::SessionId id : ended) call.services.session_revoked(id);
}

Response signed_in(const msg::SignedIn& in) {
  return json_response(201, [&](std::string& out) {
    JsonObject(out)
        .value("session", [&](std::string& o) { append_session(o, in.session.session); })
        .text("token", in.session.token)
        .value("user", [&](std::string& o) { append_user(o, in.user, Phone::shown); })
        .boolean("is_new_user", in.is_new_user);
  });
}

}  // namespace

Outcome<msg::SignIn*> sign_in_of(const Call& call) {
  if (call.services.sign_in != nullptr) return call.services.sign_in;
  return std::unexpected(
      Problem{503, "unavailable", "Sign-in by phone number is not set up on this server."});
}

Outcome<msg::CodeRequested> ask_for_code(const Call& call, msg::SignIn& sign_in, std::string phone,
                                         std::string device_nonce) {
  const auto judged = call.services.limits.judge_prefix(phone).verdict;
  if (!judged.allowed) return std::unexpected(rate_limited(judged.retry_after));
  return sign_in.request_code({.phone = std::move(phone),
                               .device_nonce = std::move(device_nonce),
                               .origin = to_text(call.request.peer)});
}

Outcome<Response> request_code(const Call& call) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto phone = reader.required_string("phone");
  auto device_nonce = reader.required_string("device_nonce");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto requested,
          ask_for_code(call, *sign_in, std::move(phone), std::move(device_nonce)));
  return json_response(202, [&](std::string& out) {
    JsonObject(out)
        .text("request_id", requested.request_id)
        .number("lifetime_s", requested.lifetime.count())
        .number("resend_after_s", requested.resend_after.count());
  });
}

Outcome<Response> sign_in(const Call& call) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  msg::SignInAttempt attempt{
      .proof = read_proof(reader),
      .device_name = reader.optional_string("device_name").value_or(std::string{}),
      .pin = reader.optional_string("pin"),
      .begin_new_account = reader.optional_boolean("begin_new_account").value_or(false)};
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto in, sign_in->verify(attempt));
  return signed_in(in);
}

Outcome<Response> sign_in_by_jwt(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto token = reader.required_string("token");
  const auto device = reader.optional_string("device_name").value_or(std::string{});
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  JwtSignIn* const jwt = call.services.jwt_sign_in;
  if (jwt == nullptr) {
    return std::unexpected(Problem{503, "unavailable",
                                   "Sign-in by tokens of an issuer is not set up on this server."});
  }
  MSG_TRY(const auto person, jwt->verify(token));
  MSG_TRY(const auto in, msg::ExternalIds(call.messenger()).sign_in(person, device));
  return signed_in(in);
}

Outcome<Response> change_phone(const Call& call) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  MSG_TRY(const auto own, own_session(call));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto proof = read_proof(reader);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto changed, sign_in->change_phone(own, proof));
  end_live(call, changed.ended);
  return json_response(200,
                       [&](std::string& out) { append_user(out, changed.user, Phone::shown); });
}

Outcome<Response> set_pin(const Call& call) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  MSG_TRY(const auto own, own_session(call));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  const auto pin = ObjectReader(body, problems).required_string("pin");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_CHECK(sign_in->set_pin(own.user, pin));
  return no_content();
}

Outcome<Response> remove_pin(const Call& call) {
  MSG_TRY(auto* const sign_in, sign_in_of(call));
  MSG_TRY(const auto own, own_session(call));
  MSG_CHECK(sign_in->remove_pin(own.user));
  return no_content();
}

Outcome<Response> rename_session(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::SessionId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  auto name = ObjectReader(body, problems).required_string("device_name");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.subject());
  MSG_TRY(const auto session,
          call.is_key() ? call.administration().rename_session(actor, id, std::move(name))
                        : msg::Sessions(call.messenger()).rename(actor, id, std::move(name)));
  const auto& current = call.principal.session;
  return json_response(200, [&](std::string& out) {
    append_own_session(out, session, current && current->id == session.id);
  });
}

Outcome<Response> revoke_other_sessions(const Call& call) {
  MSG_TRY(const auto own, own_session(call));
  MSG_TRY(const auto ended, msg::Sessions(call.messenger()).revoke_others(own));
  end_live(call, ended);
  return no_content();
}

Outcome<Response> create_ticket(const Call& call) {
  MSG_TRY(const auto own, own_session(call));
  MSG_TRY(const auto made, msg::Sessions(call.messenger()).create_ticket(own));
  Response response = json_response(201, [&](std::string& out) {
    JsonObject(out).text("ticket", made.ticket).time("expires_at", made.expires_at);
  });
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace msgd
