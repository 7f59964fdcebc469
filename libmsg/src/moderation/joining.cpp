// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/impl.h"
#include "messenger/join.h"
#include "messenger/paging.h"
#include "messenger/peace.h"
#include "moderation/group.h"
#include "moderation/invitation_codec.h"
#include "msg/moderation.h"
#include "notifications/notice.h"

namespace msg {
namespace {

std::unexpected<Error> no_such_invitation() {
  return fail(Code::not_found, "This invitation does not work, or no longer.", "token");
}

bool is_over(const SideRecord& record, Time now) {
  return record.expires_at && *record.expires_at <= now;
}

Result<void> check(const NewInvitation& wanted) {
  constexpr std::chrono::seconds kLongest = std::chrono::hours{24 * 366};
  constexpr std::int64_t kMostUses = 1'000'000;
  if (wanted.lifetime && (wanted.lifetime->count() < 1 || *wanted.lifetime > kLongest)) {
    return fail(Code::invalid_argument, "Must be from a second to a year.", "lifetime");
  }
  if (wanted.uses_max && (*wanted.uses_max < 1 || *wanted.uses_max > kMostUses)) {
    return fail(Code::invalid_argument, "Must be from 1 to 1,000,000.", "uses_max");
  }
  return {};
}

Result<std::vector<SideRecord>> invitations_of(Snapshot& rows, ConversationId conversation) {
  return rows.list_side_records(SideKind::invitation, to_int(conversation), {},
                                static_cast<int>(kInvitationsMax));
}

/// Makes room for one more by what is over and has not been swept yet.
Result<void> require_room_for_invitation(Batch& batch, ConversationId conversation) {
  MSG_TRY(const auto all, invitations_of(batch.rows(), conversation));
  const auto over = std::ranges::find_if(
      all, [&](const SideRecord& record) { return is_over(record, batch.now()); });
  if (all.size() < kInvitationsMax) return {};
  if (over == all.end()) {
    return fail(Code::conflict, "The group has " + std::to_string(kInvitationsMax) +
                                    " invitations: revoke one first.");
  }
  return batch.rows().erase_side_record(over->kind, over->owner, over->key);
}

Result<Invitation> create(Batch& batch, UserId actor, const NewInvitation& wanted) {
  MSG_TRY(const auto found, find_for(batch, actor, wanted.conversation, Act::add));
  MSG_CHECK(require_room_for_invitation(batch, wanted.conversation));
  const InvitationKey key = make_invitation_key(wanted.conversation);
  const Time now = time_of(batch.next_version());
  Invitation made{.token = token_of(key),
                  .conversation = found.conversation->id,
                  .created_by = actor,
                  .created_at = now,
                  .expires_at = {},
                  .uses_left = wanted.uses_max,
                  .needs_approval = wanted.needs_approval};
  if (wanted.lifetime) made.expires_at = now + *wanted.lifetime;
  MSG_CHECK(batch.rows().put_side_record(record_of(made, key)));
  return made;
}

Result<void> revoke(Batch& batch, UserId actor, const InvitationKey& key) {
  MSG_CHECK(find_for(batch, actor, key.conversation, Act::add));
  MSG_TRY(const auto there,
          batch.rows().find_side_record(SideKind::invitation, to_int(key.conversation), key.key));
  if (!there) return {};
  batch.next_version();
  return batch.rows().erase_side_record(there->kind, there->owner, there->key);
}

/// Once less, or not at all any more.
Result<void> use_up(Batch& batch, Invitation invitation, const InvitationKey& key) {
  if (!invitation.uses_left) return {};
  if (--*invitation.uses_left > 0) return batch.rows().put_side_record(record_of(invitation, key));
  return batch.rows().erase_side_record(SideKind::invitation, to_int(key.conversation), key.key);
}

Result<void> ask(Batch& batch, const ConversationRow& conversation, UserId actor) {
  MSG_TRY(const auto asking,
          batch.rows().list_side_records(SideKind::join_request, to_int(conversation.id), {},
                                         static_cast<int>(kJoinRequestsMax)));
  const std::string key = side_key(actor);
  if (std::ranges::find(asking, key, &SideRecord::key) != asking.end()) return {};
  if (asking.size() >= kJoinRequestsMax) {
    return fail(Code::conflict, "Too many ask to join this group: try again later.");
  }
  const Time now = time_of(batch.next_version());
  return batch.rows().put_side_record(
      record_of(JoinRequest{.conversation = conversation.id, .user = actor, .at = now}));
}

Result<std::optional<Member>> join_by(Batch& batch, UserId actor, const InvitationKey& key,
                                      std::int64_t limit) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(key.conversation));
  if (!conversation) return no_such_invitation();
  MSG_TRY(const auto record,
          batch.rows().find_side_record(SideKind::invitation, to_int(key.conversation), key.key));
  if (!record || is_over(*record, batch.now())) return no_such_invitation();
  MSG_TRY(const Invitation invitation, invitation_of(*record));
  MSG_TRY(const auto user, batch.rows().find_user(actor));
  if (!user) return fail(Code::not_found, "There is no such user.", "user_id");
  MSG_TRY(const MemberRow* member, batch.find_member(key.conversation, actor));
  if (member != nullptr && member->active) return to_member(*member);
  MSG_CHECK(require_room(*conversation, limit));
  if (invitation.needs_approval) {
    MSG_CHECK(ask(batch, *conversation, actor));
    return std::nullopt;
  }
  MSG_TRY(member, join(batch, *conversation, actor, Role::member));
  MSG_CHECK(use_up(batch, invitation, key));
  announce(batch, *conversation);
  return to_member(*member);
}

Result<std::optional<Member>> answer(Batch& batch, UserId actor, ConversationId id, UserId user,
                                     bool let_in, std::int64_t limit) {
  MSG_TRY(const auto found, find_for(batch, actor, id, Act::add));
  MSG_TRY(const auto record,
          batch.rows().find_side_record(SideKind::join_request, to_int(id), side_key(user)));
  if (!record) return fail(Code::not_found, "This user does not ask to join.", "user_id");
  MSG_TRY(const Reader reader, load_reader(batch.rows(), actor));
  MSG_TRY(const MemberRow* member, batch.find_member(id, user));
  const bool is_there = member != nullptr && member->active;
  if (let_in && !is_there) MSG_CHECK(require_room(*found.conversation, limit));
  batch.next_version();
  MSG_CHECK(batch.rows().erase_side_record(record->kind, record->owner, record->key));
  if (!let_in) return std::nullopt;
  if (!is_there) {
    MSG_TRY(member, join(batch, *found.conversation, user, Role::member));
    MSG_CHECK(note_news(batch, actor, *member, GroupNews::added));
    announce(batch, *found.conversation);
  }
  return to_member(*member, reader);
}

}  // namespace

Result<Invitation> Moderation::create_invitation(UserId actor, const NewInvitation& wanted) {
  MSG_CHECK(check(wanted));
  return MessengerInside::of(messenger_)
      .committer.run<Invitation>([&](Batch& batch) { return create(batch, actor, wanted); },
                                 {.touch = Touch{wanted.conversation, actor, {}}});
}

Result<std::vector<Invitation>> Moderation::list_invitations(UserId actor,
                                                             ConversationId conversation) {
  auto& impl = MessengerInside::of(messenger_);
  MSG_TRY(const auto snapshot, impl.store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  MSG_CHECK(may(Act::add, access.conversation, access.self));
  MSG_TRY(const auto records, invitations_of(*snapshot, conversation));
  std::vector<Invitation> invitations;
  for (const auto& record : records) {
    if (is_over(record, impl.options.clock())) continue;
    MSG_TRY(auto invitation, invitation_of(record));
    invitations.push_back(std::move(invitation));
  }
  return invitations;
}

Result<void> Moderation::revoke_invitation(UserId actor, std::string_view token) {
  const auto key = read_token(token);
  if (!key) return no_such_invitation();
  return MessengerInside::of(messenger_)
      .committer.run<void>([&](Batch& batch) { return revoke(batch, actor, *key); },
                           {.touch = Touch{key->conversation, actor, {}}});
}

Result<std::optional<Member>> Moderation::join(UserId actor, std::string_view token) {
  const auto key = read_token(token);
  if (!key) return no_such_invitation();
  auto& impl = MessengerInside::of(messenger_);
  const auto limit = impl.options.limits.group_members_max;
  return impl.committer.run<std::optional<Member>>(
      [&](Batch& batch) { return join_by(batch, actor, *key, limit); },
      {.touch = Touch{key->conversation, actor, {}}});
}

Result<Page<JoinRequest>> Moderation::list_join_requests(UserId actor, ConversationId conversation,
                                                         const PageRequest& request) {
  auto& impl = MessengerInside::of(messenger_);
  MSG_TRY(const ForwardPage page, read_page_request(impl.codec, request, CursorKind::join_requests,
                                                    to_int(conversation), impl.options.limits));
  MSG_TRY(const auto snapshot, impl.store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  MSG_CHECK(may(Act::add, access.conversation, access.self));
  MSG_TRY(const auto records,
          snapshot->list_side_records(SideKind::join_request, to_int(conversation),
                                      page.after == 0 ? "" : side_key(UserId{page.after}),
                                      page.limit + 1));
  std::vector<JoinRequest> requests;
  for (const auto& record : records) {
    MSG_TRY(const auto one, join_request_of(record));
    requests.push_back(one);
  }
  return finish_page<JoinRequest>(impl.codec, page, std::move(requests),
                                  [](const JoinRequest& one) { return to_int(one.user); });
}

Result<std::optional<Member>> Moderation::answer_join_request(UserId actor,
                                                              ConversationId conversation,
                                                              UserId user, bool let_in) {
  auto& impl = MessengerInside::of(messenger_);
  const auto limit = impl.options.limits.group_members_max;
  return impl.committer.run<std::optional<Member>>(
      [&](Batch& batch) { return answer(batch, actor, conversation, user, let_in, limit); },
      {.touch = Touch{conversation, actor, {}}});
}

}  // namespace msg
