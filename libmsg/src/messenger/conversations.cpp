// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/join.h"
#include "messenger/peace.h"
#include "messenger/view.h"
#include "notifications/notice.h"

namespace msg {
namespace {

using UserPair = std::pair<UserId, UserId>;

Result<void> require_user(Snapshot& rows, UserId user) {
  MSG_TRY(const auto found, rows.find_user(user));
  if (found) return {};
  return fail(Code::not_found, "There is no such user.", "user_id");
}

Result<ConversationRow*> make_conversation(Batch& batch, ConversationRow row) {
  do {
    row.id = ConversationId{batch.next_id()};
    MSG_TRY(const auto* taken, batch.find_conversation(row.id));
    if (!taken) break;
  } while (true);
  row.activity = row.version = batch.next_version();
  row.created_at = time_of(row.version);
  return &batch.add_conversation(std::move(row));
}

/// Within a process all creation runs on the one writing thread, so looking first is enough for
/// "exactly one"; of several processes the store lets one through, and the others look again.
Result<Conversation> find_or_make_direct(Batch& batch, UserId actor, const UserPair& users,
                                         bool needs_acceptance) {
  MSG_TRY(const auto there, batch.rows().find_direct(users.first, users.second));
  if (there) {
    MSG_TRY(const auto* row, batch.find_conversation(*there));
    if (!row) return fail(Code::corrupt, "A direct entry names no conversation.");
    return to_conversation(*row);
  }
  MSG_CHECK(require_user(batch.rows(), users.first));
  MSG_CHECK(require_user(batch.rows(), users.second));
  MSG_TRY(DirectState direct, read_peace(batch, users.first, users.second));
  if (direct.low_blocks || direct.high_blocks) {
    return fail(Code::permission_denied, "These two users do not talk to each other.");
  }
  if (needs_acceptance) {
    direct.awaits_low = actor != users.first;
    direct.awaits_high = actor != users.second;
  }
  MSG_TRY(ConversationRow* const row, make_conversation(batch, {.kind = ConversationKind::direct,
                                                                .title = {},
                                                                .direct_low = users.first,
                                                                .direct_high = users.second,
                                                                .created_by = actor,
                                                                .senders = {},
                                                                .direct = direct}));
  MSG_CHECK(batch.flush());  // so that the next to ask in this batch finds it
  MSG_CHECK(join(batch, *row, users.first, Role::member));
  if (users.second != users.first) MSG_CHECK(join(batch, *row, users.second, Role::member));
  announce(batch, *row);
  return to_conversation(*row);
}

Result<Conversation> make_group(Batch& batch, UserId actor, const NewGroup& group) {
  MSG_CHECK(batch.rows().load_users(group.users));
  MSG_CHECK(require_user(batch.rows(), actor));
  for (const UserId user : group.users) MSG_CHECK(require_user(batch.rows(), user));
  if (!group.users.empty()) MSG_CHECK(require_welcome(batch, actor, group.users));
  MSG_TRY(ConversationRow* const row, make_conversation(batch, {.kind = ConversationKind::group,
                                                                .title = group.title,
                                                                .created_by = actor,
                                                                .senders = {}}));
  MSG_CHECK(join(batch, *row, actor, Role::owner));
  for (const UserId user : group.users) {
    MSG_TRY(const MemberRow* const member, join(batch, *row, user, Role::member));
    MSG_CHECK(note_news(batch, actor, *member, GroupNews::added));
  }
  announce(batch, *row);
  return to_conversation(*row);
}

}  // namespace

Result<std::optional<Conversation>> Messenger::find_direct(UserId actor, UserId peer) {
  const auto [low, high] = std::minmax(actor, peer);
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto id, snapshot->find_direct(low, high));
  if (!id) return std::nullopt;
  MSG_TRY(const auto row, snapshot->find_conversation(*id));
  if (!row) return std::nullopt;
  return to_conversation(*row);
}

Result<Conversation> Messenger::open_direct(UserId actor, UserId peer) {
  const UserPair users = std::minmax(actor, peer);
  // Mostly it exists: no need to trouble the writer.
  MSG_TRY(auto there, find_direct(actor, peer));
  if (there) return *std::move(there);
  const bool needs_acceptance = impl_->options.direct_needs_acceptance;
  return impl_->committer.run<Conversation>(
      [&](Batch& batch) { return find_or_make_direct(batch, actor, users, needs_acceptance); });
}

Result<Conversation> Messenger::open_direct_by_phone(UserId actor, std::string_view phone) {
  const auto nobody = [] {
    return fail(Code::not_found, "Nobody is to be found by this number.", "phone");
  };
  const auto peer = load_user_by_phone(phone);
  if (!peer && peer.error().code == Code::not_found) return nobody();
  if (!peer) return std::unexpected(peer.error());
  {
    // Also when the conversation is there: it must not say whose number that is.
    MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
    MSG_TRY(const bool is_blocked, blocks(*snapshot, peer->id, actor));
    if (is_blocked) return nobody();
  }
  auto opened = open_direct(actor, peer->id);
  if (!opened && opened.error().code == Code::permission_denied) return nobody();
  return opened;
}

Result<Conversation> Messenger::create_group(UserId actor, const NewGroup& given) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_title(given.title, limits));
  NewGroup group = given;
  std::ranges::sort(group.users);
  group.users.erase(std::ranges::unique(group.users).begin(), group.users.end());
  std::erase(group.users, actor);
  if (static_cast<std::int64_t>(group.users.size()) >= limits.group_members_max) {
    return fail(Code::invalid_argument,
                "A group has at most " + std::to_string(limits.group_members_max) + " members.",
                "user_ids");
  }
  return impl_->committer.run<Conversation>(
      [&](Batch& batch) { return make_group(batch, actor, group); });
}

Result<ConversationView> Messenger::load_conversation(UserId actor, ConversationId conversation) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  return load_view(*snapshot, access);
}

}  // namespace msg
