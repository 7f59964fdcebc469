// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {
namespace {

/// A phone number is for its owner and for the backend that registers users.
Phone phone_for(const Call& call, msg::UserId user) {
  const bool own = call.principal.session && call.principal.session->user == user;
  return own || call.is_key() ? Phone::shown : Phone::hidden;
}

Response user_response(const Call& call, int status, const msg::User& user) {
  return json_response(status,
                       [&](std::string& out) { append_user(out, user, phone_for(call, user.id)); });
}

void append_with_phone(std::string& out, const msg::User& user) {
  append_user(out, user, Phone::shown);
}

/// The plus of a phone number in a query is a space when nobody escaped it.
std::string with_plus(std::string phone) {
  if (phone.starts_with(' ')) phone.front() = '+';
  return phone;
}

Problem needs_key(std::string field) {
  Problem problem{403, "permission_denied", "Changing this needs an API key with the scope admin."};
  problem.field = std::move(field);
  return problem;
}

/// A page of one user or none.
Outcome<Response> found_page(const Call& call, msg::Result<msg::User> user) {
  msg::Page<msg::User> page;
  if (user) {
    page.items.push_back(std::move(*user));
  } else if (user.error().code != msg::Code::not_found) {
    return std::unexpected(Problem{std::move(user).error()});
  }
  return page_response(call.request, page, append_with_phone);
}

}  // namespace

Outcome<Response> create_user(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  msg::NewUser user;
  user.phone = reader.required_string("phone");
  user.username = reader.optional_string("username");
  user.display_name = reader.optional_string("display_name").value_or(std::string{});
  user.about = reader.optional_string("about").value_or(std::string{});
  user.avatar = reader.optional_string("avatar").value_or(std::string{});
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto registered, call.administration().register_user(user));
  return user_response(call, 201, registered);
}

Outcome<Response> list_users(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto phone = query.optional_string("phone");
  const auto username = query.optional_string("username");
  const auto request = read_page(query);
  if (phone && username) query.refuse("username", "Give either phone or username.");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));

  if (phone) return found_page(call, call.messenger().load_user_by_phone(with_plus(*phone)));
  if (username) return found_page(call, call.messenger().load_user_by_username(*username));
  MSG_TRY(const auto page, call.messenger().list_users(request));
  return page_response(call.request, page, append_with_phone);
}

Outcome<Response> get_user(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::UserId>(0));
  MSG_TRY(const auto user, call.messenger().load_user(id));
  return user_response(call, 200, user);
}

Outcome<Response> get_user_by_username(const Call& call) {
  MSG_TRY(const auto user, call.messenger().load_user_by_username(call.params[0]));
  return user_response(call, 200, user);
}

Outcome<Response> get_user_by_phone(const Call& call) {
  MSG_TRY(const auto user, call.messenger().load_user_by_phone(call.params[0]));
  return user_response(call, 200, user);
}

Outcome<Response> update_user(const Call& call) {
  MSG_TRY(const auto id, call.path_id<msg::UserId>(0));
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  msg::UserPatch patch;
  patch.phone = reader.optional_string("phone");
  patch.username = reader.optional_string("username");
  // Answers say null for no name, so null gives the name up here.
  if (reader.names("username") && !reader.has("username")) patch.username = "";
  patch.display_name = reader.optional_string("display_name");
  patch.about = reader.optional_string("about");
  patch.avatar = reader.optional_string("avatar");
  patch.read_receipts = reader.optional_boolean("read_receipts");
  patch.presence_to = reader.optional_audience("presence_to");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  // A session has not shown that the other number is its user's too.
  if (patch.phone && !call.is_admin()) return std::unexpected(needs_key("phone"));
  MSG_TRY(const auto actor, call.subject(id, "/id"));
  MSG_TRY(const auto user, call.is_key() ? call.administration().update_user(actor, patch)
                                         : call.messenger().update_user(actor, patch));
  if (patch.presence_to) call.services.presence.update(user);
  return user_response(call, 200, user);
}

Outcome<Response> get_me(const Call& call) {
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto user, call.messenger().load_user(actor));
  return user_response(call, 200, user);
}

}  // namespace msgd
