// SPDX-License-Identifier: Apache-2.0
#include "messenger/join.h"

#include "messenger/policy.h"

namespace msg {

Result<MemberRow*> join(Batch& batch, ConversationRow& conversation, UserId user, Role role) {
  MSG_TRY(MemberRow * member, batch.find_member(conversation.id, user));
  const Version version = batch.next_version(conversation);
  if (!member) {
    MemberRow row;
    row.conversation = conversation.id;
    row.user = user;
    member = &batch.add_member(std::move(row));
  }
  const Seq before_joining = conversation.last_seq;
  member->role = role;
  member->active = true;
  member->visible_from =
      Seq{conversation.rules.history_for_newcomers ? 1 : to_int(before_joining) + 1};
  member->visible_until.reset();
  const bool with_history = member->visible_from <= before_joining;
  member->joined_after = with_history ? before_joining : Seq{};
  // The gap between two memberships was never theirs to read, so it is not unread either.
  member->delivered = member->read = before_joining;
  member->delivered_runs.clear();
  member->read_runs.clear();
  member->mentions.clear();
  member->own = {};
  member->sent_count_at_read = sent_count(conversation, *member);
  member->joined_at = time_of(version);
  member->version = version;
  batch.changed(*member);
  MSG_CHECK(batch.put_membership({user, conversation.id, true, version, with_history}));

  ++conversation.member_count;
  if (role == Role::owner) ++conversation.owner_count;
  conversation.version = version;
  batch.changed(conversation);
  emit_member(batch, *member);
  return member;
}

Result<void> require_room(const ConversationRow& conversation, std::int64_t limit) {
  const std::int64_t most = members_max(conversation, limit);
  if (conversation.member_count < most) return {};
  return fail(Code::conflict, "The group is full: it has " + std::to_string(most) + " members.");
}

Result<void> leave(Batch& batch, ConversationRow& conversation, MemberRow& member) {
  const Version version = batch.next_version(conversation);
  --conversation.member_count;
  if (member.role == Role::owner) --conversation.owner_count;
  conversation.version = version;
  batch.changed(conversation);
  member.active = false;
  member.role = Role::member;
  member.visible_until = conversation.last_seq;
  member.version = version;
  batch.changed(member);
  emit_member(batch, member);
  return batch.put_membership({member.user, conversation.id, false, version});
}

void emit_member(Batch& batch, const MemberRow& member) {
  const auto emit = [&](const Reader& reader) -> Event& {
    return batch.emit(member.conversation, member.version, MemberEvent{to_member(member, reader)});
  };
  if (!has_secrets(member)) {
    emit({.user = member.user});
    return;
  }
  emit({.user = member.user}).only_for = member.user;
  emit({}).not_for = member.user;
}

void announce(Batch& batch, ConversationRow& conversation) {
  conversation.version = batch.next_version(conversation);
  batch.changed(conversation);
  batch.emit(conversation.id, conversation.version,
             ConversationEvent{to_conversation(conversation)});
}

}  // namespace msg
