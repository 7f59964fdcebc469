// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "core/phone.h"
#include "messenger/impl.h"
#include "messenger/new_user.h"
#include "messenger/paging.h"

namespace msg {
namespace {

std::unexpected<Error> no_such_user() {
  return fail(Code::not_found, "There is no such user.", "user_id");
}

Result<void> check_user(const User& user, const Limits& limits) {
  if (user.username) MSG_CHECK(check_username(*user.username));
  MSG_CHECK(check_display_name(user.display_name, limits));
  MSG_CHECK(check_about(user.about, limits));
  return check_avatar(user.avatar, limits);
}

/// conflict when another user has the phone or the username.
Result<void> check_unique(Snapshot& rows, const User& user) {
  MSG_TRY(const auto by_phone, rows.find_phone(user.phone));
  if (by_phone && *by_phone != user.id && !user.phone.empty()) {
    return fail(Code::conflict, "This phone number belongs to another user.", "phone");
  }
  if (!user.username) return {};
  MSG_TRY(const auto by_name, rows.find_username(*user.username));
  if (by_name && *by_name != user.id) {
    return fail(Code::conflict, "This username belongs to another user.", "username");
  }
  return {};
}

}  // namespace

Result<User> insert_user(Batch& batch, User user) {
  do {  // a clock that went back before a restart could repeat an id
    user.id = UserId{batch.next_id()};
    MSG_TRY(const auto taken, batch.rows().find_user(user.id));
    if (!taken) break;
  } while (true);
  MSG_CHECK(check_unique(batch.rows(), user));
  user.created_at = user.updated_at = time_of(batch.next_version());
  MSG_CHECK(batch.rows().put_user(user, nullptr));
  return user;
}

namespace {

Result<User> apply_patch(User user, const UserPatch& patch, const Limits& limits) {
  if (patch.phone) {
    MSG_TRY(user.phone, normalize_phone(*patch.phone));
  }
  if (patch.username) {
    user.username = patch.username->empty() ? std::nullopt : patch.username;
  }
  if (patch.display_name) user.display_name = *patch.display_name;
  if (patch.about) user.about = *patch.about;
  if (patch.avatar) user.avatar = *patch.avatar;
  if (patch.read_receipts) user.read_receipts = *patch.read_receipts;
  if (patch.presence_to) user.presence_to = *patch.presence_to;
  MSG_CHECK(check_user(user, limits));
  return user;
}

Result<User> load_found(Snapshot& snapshot, const std::optional<UserId>& id) {
  if (!id) return no_such_user();
  MSG_TRY(auto user, snapshot.find_user(*id));
  if (!user) return no_such_user();
  return *std::move(user);
}

}  // namespace

Result<User> change_user(Batch& batch, UserId id, const UserPatch& patch, const Limits& limits) {
  MSG_CHECK(batch.rows().lock_user(id));
  MSG_TRY(const auto stored, batch.rows().find_user(id));
  if (!stored) return no_such_user();
  MSG_TRY(auto user, apply_patch(*stored, patch, limits));
  MSG_CHECK(check_unique(batch.rows(), user));
  user.updated_at = time_of(batch.next_version());
  MSG_CHECK(batch.rows().put_user(user, &*stored));
  if (patch.read_receipts) batch.note({.user = id, .is_told = user.read_receipts});
  return user;
}

Result<User> user_of(const NewUser& given, const Limits& limits) {
  User user{.id = {},
            .phone = {},
            .username = given.username,
            .display_name = given.display_name,
            .about = given.about,
            .avatar = given.avatar,
            .created_at = {},
            .updated_at = {}};
  MSG_TRY(user.phone, normalize_phone(given.phone));
  if (user.display_name.empty()) {
    user.display_name = user.username.value_or(user.phone.substr(user.phone.size() - 4));
  }
  MSG_CHECK(check_user(user, limits));
  return user;
}

Result<User> Messenger::register_user(const NewUser& given) {
  MSG_TRY(const User user, user_of(given, impl_->options.limits));
  return impl_->committer.run<User>([&](Batch& batch) { return insert_user(batch, user); });
}

Result<User> Messenger::load_user(UserId user) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  return load_found(*snapshot, user);
}

Result<User> Messenger::load_user_by_phone(std::string_view phone) {
  MSG_TRY(const auto normal, normalize_phone(phone));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto id, snapshot->find_phone(normal));
  return load_found(*snapshot, id);
}

Result<User> Messenger::load_user_by_username(std::string_view username) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto id, snapshot->find_username(username));
  return load_found(*snapshot, id);
}

Result<User> Messenger::update_user(UserId actor, const UserPatch& patch) {
  return impl_->committer.run<User>(
      [&](Batch& batch) { return msg::change_user(batch, actor, patch, impl_->options.limits); });
}

Result<void> Messenger::note_last_seen(std::span<const LastSeen> seen) {
  // In one order for all writers: each user's row is locked.
  std::vector<LastSeen> ordered(seen.begin(), seen.end());
  std::ranges::sort(ordered, {}, &LastSeen::user);
  return impl_->committer.run<void>([&](Batch& batch) -> Result<void> {
    for (const auto& [id, at] : ordered) {
      MSG_CHECK(batch.rows().lock_user(id));
      MSG_TRY(const auto stored, batch.rows().find_user(id));
      if (!stored || stored->last_seen >= at) continue;
      User user = *stored;
      user.last_seen = at;
      batch.next_version();
      MSG_CHECK(batch.rows().put_user(user, &*stored));
    }
    return {};
  });
}

Result<Page<User>> Messenger::list_users(const PageRequest& request) {
  MSG_TRY(const ForwardPage page,
          read_page_request(impl_->codec, request, CursorKind::users, 0, impl_->options.limits));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(auto users, snapshot->list_users(UserId{page.after}, page.limit + 1));
  return finish_page<User>(impl_->codec, page, std::move(users),
                           [](const User& user) { return to_int(user.id); });
}

}  // namespace msg
