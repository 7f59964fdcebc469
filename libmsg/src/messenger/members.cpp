// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/join.h"
#include "messenger/paging.h"
#include "messenger/peace.h"
#include "messenger/policy.h"
#include "notifications/notice.h"

namespace msg {
namespace {

/// A group, and the member who wants to change it.
struct Authority {
  ConversationRow* conversation{};
  MemberRow* actor{};
};

/// not_found: the actor may not know of it.
Result<Authority> find_authority(Batch& batch, UserId actor, ConversationId id) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(id));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(id, actor));
  if (!member) return no_such_conversation();
  return Authority{conversation, member};
}

Result<MemberRow*> find_active(Batch& batch, ConversationId id, UserId user) {
  MSG_TRY(MemberRow* const member, batch.find_member(id, user));
  if (!member || !member->active) {
    return fail(Code::not_found, "This user is no member of the group.", "user_id");
  }
  return member;
}

std::unexpected<Error> last_owner() {
  return fail(Code::conflict, "The last owner stays: make another member an owner first.");
}

Result<Member> add(Batch& batch, UserId actor, ConversationId id, UserId user, Role role,
                   std::int64_t limit) {
  MSG_TRY(const auto authority, find_authority(batch, actor, id));
  MSG_CHECK(may(Act::add, *authority.conversation, *authority.actor));
  MSG_CHECK(may_give(*authority.actor, role));
  MSG_TRY(const auto found, batch.rows().find_user(user));
  if (!found) return fail(Code::not_found, "There is no such user.", "user_id");
  MSG_TRY(MemberRow * member, batch.find_member(id, user));
  MSG_TRY(const Reader reader, load_reader(batch.rows(), actor));
  if (member && member->active) return to_member(*member, reader);
  MSG_CHECK(require_room(*authority.conversation, limit));
  MSG_CHECK(require_welcome(batch, actor, {&user, 1}));
  MSG_TRY(member, join(batch, *authority.conversation, user, role));
  MSG_CHECK(note_news(batch, actor, *member, GroupNews::added));
  announce(batch, *authority.conversation);
  return to_member(*member, reader);
}

Result<Member> remove(Batch& batch, UserId actor, ConversationId id, UserId user) {
  MSG_TRY(const auto authority, find_authority(batch, actor, id));
  MSG_CHECK(require_in_group(*authority.conversation, *authority.actor));
  MSG_TRY(MemberRow* const member, find_active(batch, id, user));
  MSG_CHECK(may_remove(*authority.conversation, *authority.actor, *member));
  const bool is_last_owner = member->role == Role::owner &&
                             authority.conversation->owner_count == 1 &&
                             authority.conversation->member_count > 1;
  if (is_last_owner) return last_owner();
  MSG_TRY(const Reader reader, load_reader(batch.rows(), actor));
  MSG_CHECK(leave(batch, *authority.conversation, *member));
  MSG_CHECK(note_news(batch, actor, *member, GroupNews::removed));
  announce(batch, *authority.conversation);
  return to_member(*member, reader);
}

Result<Member> set_role(Batch& batch, UserId actor, ConversationId id, UserId user, Role role) {
  MSG_TRY(const auto authority, find_authority(batch, actor, id));
  MSG_CHECK(require_in_group(*authority.conversation, *authority.actor));
  MSG_TRY(MemberRow* const member, find_active(batch, id, user));
  MSG_CHECK(may_change_role(*authority.conversation, *authority.actor, member->role, role));
  MSG_TRY(const Reader reader, load_reader(batch.rows(), actor));
  if (member->role == role) return to_member(*member, reader);
  ConversationRow& conversation = *authority.conversation;
  if (member->role == Role::owner && conversation.owner_count == 1) return last_owner();

  member->version = conversation.version = batch.next_version(conversation);
  conversation.owner_count += (role == Role::owner ? 1 : 0) - (member->role == Role::owner ? 1 : 0);
  member->role = role;
  batch.changed(*member);
  batch.changed(conversation);
  emit_member(batch, *member);
  MSG_CHECK(note_news(batch, actor, *member, GroupNews::role_changed));
  return to_member(*member, reader);
}

Result<Conversation> rename(Batch& batch, UserId actor, ConversationId id,
                            const std::string& title) {
  MSG_TRY(const auto authority, find_authority(batch, actor, id));
  MSG_CHECK(may(Act::rename, *authority.conversation, *authority.actor));
  if (authority.conversation->title != title) {
    authority.conversation->title = title;
    announce(batch, *authority.conversation);
  }
  return to_conversation(*authority.conversation);
}

}  // namespace

Result<Conversation> Messenger::rename_group(UserId actor, ConversationId conversation,
                                             std::string title) {
  MSG_CHECK(check_title(title, impl_->options.limits));
  return impl_->committer.run<Conversation>(
      [&](Batch& batch) { return rename(batch, actor, conversation, title); },
      {.touch = Touch{conversation, actor, {}}});
}

Result<Member> Messenger::add_member(UserId actor, ConversationId conversation, UserId user,
                                     Role role) {
  const auto members_max = impl_->options.limits.group_members_max;
  return impl_->committer.run<Member>(
      [&](Batch& batch) { return add(batch, actor, conversation, user, role, members_max); },
      {.touch = Touch{conversation, actor, {}}});
}

Result<Member> Messenger::remove_member(UserId actor, ConversationId conversation, UserId user) {
  return impl_->committer.run<Member>(
      [&](Batch& batch) { return remove(batch, actor, conversation, user); },
      {.touch = Touch{conversation, actor, {}}});
}

Result<Member> Messenger::change_role(UserId actor, ConversationId conversation, UserId user,
                                      Role role) {
  return impl_->committer.run<Member>(
      [&](Batch& batch) { return set_role(batch, actor, conversation, user, role); },
      {.touch = Touch{conversation, actor, {}}});
}

Result<Page<Member>> Messenger::list_members(UserId actor, ConversationId conversation,
                                             const PageRequest& request) {
  MSG_TRY(const ForwardPage page, read_page_request(impl_->codec, request, CursorKind::members,
                                                    to_int(conversation), impl_->options.limits));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  MSG_CHECK(may(Act::look, access.conversation, access.self));
  MSG_TRY(const Reader reader, make_reader(*snapshot, access));
  std::vector<Member> members;
  const auto wanted = static_cast<std::size_t>(page.limit) + 1;
  for (UserId after{page.after}; members.size() < wanted;) {
    MSG_TRY(const auto rows, snapshot->list_members(conversation, after, page.limit + 1));
    for (const auto& row : rows) {
      if (row.active && members.size() < wanted) members.push_back(to_member(row, reader));
    }
    if (rows.size() < wanted) break;
    after = rows.back().user;
  }
  return finish_page<Member>(impl_->codec, page, std::move(members),
                             [](const Member& member) { return to_int(member.user); });
}

}  // namespace msg
