// SPDX-License-Identifier: Apache-2.0
#include "msgctl/people.h"

#include <algorithm>

#include "msgctl/json.h"
#include "msgctl/text.h"

namespace msgctl {

std::string short_name(const msg::User& user) {
  if (user.username) return printable(*user.username, Newlines::replace);
  if (!user.display_name.empty()) return printable(user.display_name, Newlines::replace);
  return "user " + to_text(user.id);
}

WhoKind kind_of(std::string_view who) {
  if (who.starts_with('+') || who.starts_with("00")) return WhoKind::phone;
  const bool number =
      !who.empty() && std::ranges::all_of(who, [](char c) { return c >= '0' && c <= '9'; });
  return number ? WhoKind::id : WhoKind::username;
}

Outcome<msg::User> find_user(const Api& api, std::string_view who) {
  std::string_view folder = "/users/";
  switch (kind_of(who)) {
    case WhoKind::id:
      break;
    case WhoKind::phone:
      folder = "/users/by-phone/";
      break;
    case WhoKind::username:
      folder = "/users/by-username/";
      break;
  }
  std::string name{who};
  if (kind_of(who) == WhoKind::phone) {  // without the separators people put in
    std::erase_if(name, [](char c) { return c != '+' && (c < '0' || c > '9'); });
  }
  auto found = api.get(std::string{folder} + url_escape(name));
  if (!found) {
    if (found.error().code == "not_found") {
      found.error().text = "There is no user " + printable(who, Newlines::replace) + ".";
    }
    return std::unexpected(std::move(found).error());
  }
  return read_user(*found);
}

std::string Names::of(msg::UserId user) {
  if (const auto known = names_.find(user); known != names_.end()) return known->second;
  const auto found = api_.get("/users/" + to_text(user));
  auto name = found ? short_name(read_user(*found)) : "user " + to_text(user);
  // Without an answer it is asked again next time.
  if (found || found.error().exit == Exit::refused) names_.emplace(user, name);
  return name;
}

}  // namespace msgctl
