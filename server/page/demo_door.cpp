// SPDX-License-Identifier: Apache-2.0
#include "page/demo_door.h"

#include <string>
#include <utility>
#include <vector>

#include "dev_seed.h"
#include "http/json_read.h"
#include "http/json_write.h"
#include "net/cors.h"
#include "routes/call.h"

namespace msgd {
namespace {

constexpr std::string_view kUsersPath = "/demo/users";
constexpr std::string_view kSessionsPath = "/demo/sessions";

/// "[::1]:3000" -> "[::1]"
std::string_view without_port(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

}  // namespace

bool is_own_page_on_this_machine(const Request& request) {
  if (!request.peer.is_loopback() || request.header("x-forwarded-for") ||
      request.header("forwarded")) {
    return false;
  }
  // A name of another site that leads here would be that site's page to the browser.
  const auto host = request.header("host").value_or(std::string_view{});
  const auto name = without_port(host);
  if (name != "127.0.0.1" && name != "localhost" && name != "[::1]") return false;
  const auto origin = request.header("origin");
  if (origin && !is_origin_of(*origin, host)) return false;
  const auto site = request.header("sec-fetch-site");
  return !site || *site == "same-origin";
}

bool DemoDoor::handle(const Request& request, const Responder& respond) {
  const bool ours = (request.path == kUsersPath && request.method == "GET") ||
                    (request.path == kSessionsPath && request.method == "POST");
  if (!ours || !is_own_page_on_this_machine(request)) return false;
  const auto finish = [id = request.request_id, respond](Outcome<Response> outcome) {
    if (outcome) return respond(std::move(*outcome));
    locate(outcome.error(), false);
    respond(to_response(outcome.error(), id));
  };
  auto work = [this, request, finish] {
    try {
      finish(answer(request));
    } catch (const std::exception& error) {
      finish(std::unexpected(internal(error.what())));
    }
  };
  if (!services_.offload(work, Urgency::normal)) {
    finish(std::unexpected(overloaded("The server is busy.")));
  }
  return true;
}

Outcome<Response> DemoDoor::answer(const Request& request) {
  return request.path == kUsersPath ? list_users() : begin_session(request);
}

Outcome<Response> DemoDoor::list_users() {
  std::vector<msg::User> users;
  for (const DemoPerson& person : demo_people()) {
    MSG_TRY(auto user, services_.messenger.load_user_by_phone(person.phone));
    users.push_back(std::move(user));
  }
  return json_response(200, [&](std::string& out) {
    JsonObject(out).array("users", users, [](std::string& o, const msg::User& user) {
      JsonObject(o).id("id", user.id).text("display_name", user.display_name);
    });
  });
}

// By the number, which is theirs for good. Nobody else's session is ours to give away.
Outcome<msg::User> DemoDoor::find_demo_user(std::string_view id) {
  for (const DemoPerson& person : demo_people()) {
    MSG_TRY(auto user, services_.messenger.load_user_by_phone(person.phone));
    if (std::to_string(msg::to_int(user.id)) == id) return user;
  }
  return std::unexpected(not_found());
}

Outcome<Response> DemoDoor::begin_session(const Request& request) {
  // What a page elsewhere can send without asking first is no JSON (Fetch standard).
  const auto type = request.header("content-type").value_or(std::string_view{});
  if (!type.starts_with("application/json")) {
    return std::unexpected(
        Problem{415, "unsupported_media_type", "A body must be application/json."});
  }
  MSG_TRY(const auto body, parse_object(request.body));
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto id = reader.required_string("user_id");
  auto device = reader.optional_string("device_name").value_or(std::string{});
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto user, find_demo_user(id));
  MSG_TRY(const auto made, services_.messenger.create_session(user.id, device));
  return json_response(201, [&](std::string& out) {
    JsonObject(out)
        .value("session", [&](std::string& o) { append_session(o, made.session); })
        .text("token", made.token)
        .value("user", [&](std::string& o) { append_user(o, user, Phone::shown); })
        .boolean("is_new_user", false);
  });
}

}  // namespace msgd
