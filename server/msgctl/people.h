// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "msg/types.h"
#include "msgctl/api.h"

namespace msgctl {

template <class Id>
std::string to_text(Id id) {
  return std::to_string(msg::to_int(id));
}

/// The username, else the display name, else the id: safe to print.
std::string short_name(const msg::User& user);

/// A person the way people name them: an id, a phone number that starts with + or 00, or a
/// username.
enum class WhoKind { id, phone, username };
WhoKind kind_of(std::string_view who);

/// Looks `who` up. Phone numbers need a key.
Outcome<msg::User> find_user(const Api& api, std::string_view who);

/// Names of users, asked for once each. A user whom the server does not tell of is "user 123".
///
/// Thread safety: none.
class Names {
 public:
  explicit Names(const Api& api)
      : api_(api.within(std::min(api.timeout(), std::chrono::milliseconds{2000}))) {}

  void know(const msg::User& user) { names_[user.id] = short_name(user); }
  /// Blocks for one request when the name is not known yet, at most two seconds.
  std::string of(msg::UserId user);

 private:
  Api api_;
  std::map<msg::UserId, std::string> names_;
};

}  // namespace msgctl
