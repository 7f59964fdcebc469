// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {

Outcome<Response> create_session(const Call& call) {
  MSG_TRY(const auto user, call.path_id<msg::UserId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  auto device = ObjectReader(body, problems).optional_string("device_name").value_or(std::string{});
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto made, call.administration().create_session(user, std::move(device)));
  return json_response(201, [&](std::string& out) {
    JsonObject(out)
        .value("session", [&](std::string& o) { append_session(o, made.session); })
        .text("token", made.token);
  });
}

Outcome<Response> list_sessions(const Call& call) {
  MSG_TRY(const auto actor, call.subject());
  MSG_TRY(const auto sessions, call.messenger().list_sessions(actor));
  const auto& current = call.principal.session;
  const auto item = [&](std::string& out, const msg::Session& session) {
    append_own_session(out, session, current && current->id == session.id);
  };
  return json_response(200,
                       [&](std::string& out) { JsonObject(out).array("items", sessions, item); });
}

Outcome<Response> revoke_session(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::SessionId>(0));
  MSG_TRY(const auto actor, call.subject());
  MSG_CHECK(call.is_key() ? call.administration().revoke_session(actor, id)
                          : call.messenger().revoke_session(actor, id));
  if (call.services.session_revoked) call.services.session_revoked(id);
  return no_content();
}

Outcome<Response> create_key(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto name = reader.required_string("name");
  const auto scopes = reader.optional_scopes("scopes");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto made, call.administration().create_key(std::move(name), scopes));
  return json_response(201, [&](std::string& out) {
    JsonObject(out)
        .value("key", [&](std::string& o) { append_api_key(o, made.key); })
        .text("secret", made.secret);
  });
}

Outcome<Response> list_keys(const Call& call) {
  MSG_TRY(const auto keys, call.messenger().list_api_keys());
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("items", keys, append_api_key); });
}

Outcome<Response> revoke_key(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::ApiKeyId>(0));
  MSG_CHECK(call.administration().revoke_key(id));
  if (call.services.key_revoked) call.services.key_revoked(id);
  return no_content();
}

Outcome<Response> list_audit(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto page, call.administration().list_audit(request));
  return page_response(call.request, page, append_audit_entry);
}

}  // namespace msgd
