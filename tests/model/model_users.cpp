// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_cursor.h"
#include "model/model_text.h"

namespace msg::test {

Result<void> Model::check_user(const User& user) const {
  if (user.username && !is_username(*user.username)) {
    return refuse(Code::invalid_argument, "username");
  }
  if (!is_line(user.display_name, 1, limits_.display_name_characters_max)) {
    return refuse(Code::invalid_argument, "display_name");
  }
  if (!is_line(user.about, 0, limits_.about_characters_max)) {
    return refuse(Code::invalid_argument, "about");
  }
  if (!is_line(user.avatar, 0, limits_.avatar_bytes_max) ||
      user.avatar.size() > limits_.avatar_bytes_max) {
    return refuse(Code::invalid_argument, "avatar");
  }
  for (const auto& [id, other] : users_) {
    if (id != user.id && other.phone == user.phone) return refuse(Code::conflict, "phone");
  }
  for (const auto& [id, other] : users_) {
    if (id != user.id && user.username && other.username == user.username) {
      return refuse(Code::conflict, "username");
    }
  }
  return {};
}

Result<User> Model::register_user(const NewUser& given) {
  const auto phone = to_e164(given.phone);
  if (!phone) return refuse(Code::invalid_argument, "phone");
  User user{.id = UserId{static_cast<std::int64_t>(users_.size()) + 1},
            .phone = *phone,
            .username = given.username,
            .display_name = given.display_name,
            .about = given.about,
            .avatar = given.avatar};
  if (user.display_name.empty()) {
    user.display_name = given.username.value_or(phone->substr(phone->size() - 4));
  }
  MSG_CHECK(check_user(user));
  stamp();
  user.created_at = user.updated_at = newest_;
  return users_[user.id] = user;
}

Result<User> Model::load_user(UserId user) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return refuse(Code::not_found, "user_id");
  return found->second;
}

Result<User> Model::load_user_by_phone(std::string_view phone) const {
  const auto plain = to_e164(phone);
  if (!plain) return refuse(Code::invalid_argument, "phone");
  for (const auto& [id, user] : users_) {
    if (user.phone == *plain) return user;
  }
  return refuse(Code::not_found, "user_id");
}

Result<User> Model::load_user_by_username(std::string_view username) const {
  for (const auto& [id, user] : users_) {
    if (user.username == username) return user;
  }
  return refuse(Code::not_found, "user_id");
}

Result<User> Model::update_user(UserId actor, const UserPatch& patch) {
  MSG_TRY(User user, load_user(actor));
  if (patch.phone) {
    const auto phone = to_e164(*patch.phone);
    if (!phone) return refuse(Code::invalid_argument, "phone");
    user.phone = *phone;
  }
  if (patch.username) user.username = *patch.username;
  if (patch.username == "") user.username.reset();
  user.display_name = patch.display_name.value_or(user.display_name);
  user.about = patch.about.value_or(user.about);
  user.avatar = patch.avatar.value_or(user.avatar);
  user.read_receipts = patch.read_receipts.value_or(user.read_receipts);
  MSG_CHECK(check_user(user));
  stamp();
  user.updated_at = newest_;
  return users_[actor] = user;
}

Result<Page<User>> Model::list_users(const PageRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  UserId after{};
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers place, read_cursor(request.cursor, "users"));
    after = UserId{place.at(0)};
  }
  Page<User> page;
  for (const auto& [id, user] : users_) {
    if (id <= after) continue;
    page.has_more = page.items.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    page.items.push_back(user);
  }
  page.has_prev = after != UserId{};
  page.next = make_cursor("users", {to_int(page.items.empty() ? after : page.items.back().id)});
  return page;
}

}  // namespace msg::test
