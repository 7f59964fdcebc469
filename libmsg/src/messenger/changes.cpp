// SPDX-License-Identifier: Apache-2.0
// Another content, or none any more.
#include "core/limits.h"
#include "messenger/change.h"
#include "messenger/impl.h"
#include "messenger/personal.h"
#include "messenger/policy.h"
#include "messenger/view.h"

namespace msg {
namespace {

bool is_older_than(const Message& message, std::chrono::milliseconds age, Time now) {
  return age <= std::chrono::milliseconds::zero() || now - message.created_at > age;
}

std::unexpected<Error> too_old() {
  return fail(Code::conflict, "The message is too old for that.");
}

Result<Message> edit_message(Batch& batch, UserId actor, const Edit& edit,
                             std::chrono::milliseconds age_max) {
  MSG_TRY(Target target, find_shown_target(batch, actor, edit.message));
  const Message& message = target.message;
  if (message.sender != actor) {
    return fail(Code::permission_denied, "Only the sender edits a message.");
  }
  MSG_CHECK(may(Act::react, *target.conversation, *target.actor));
  if (message.deleted) return fail(Code::conflict, "The message is deleted.");
  if (message.kind != MessageKind::text) return fail(Code::conflict, "Only a text can be edited.");
  if (message.content == edit.content) return message;
  if (is_older_than(message, age_max, batch.now())) return too_old();
  Message changed = message;
  changed.content = edit.content;
  const Version version = batch.next_version(*target.conversation);
  return put_change(batch, target, version, std::move(changed),
                    {.revision = Revision{.by = actor, .content = message.content}});
}

Result<void> discount_mentions(Batch& batch, const Message& message) {
  for (const UserId user : message.mentions) {
    MSG_TRY(MemberRow* const member, batch.find_member(message.id.conversation, user));
    if (!member || std::erase(member->mentions, message.id.seq) == 0) continue;
    batch.changed(*member);
  }
  return {};
}

Result<Message> delete_message(Batch& batch, UserId actor, const MessageId& id,
                               std::chrono::milliseconds age_max) {
  MSG_TRY(Target target, find_shown_target(batch, actor, id));
  Message& message = target.message;
  const auto moderates = may(Act::moderate, *target.conversation, *target.actor);
  if (message.sender != actor) MSG_CHECK(moderates);
  if (message.deleted) {
    hide_from(message, actor);
    return message;
  }
  if (!moderates && is_older_than(message, age_max, batch.now())) return too_old();
  Message changed{.id = message.id,
                  .sender = message.sender,
                  .kind = message.kind,
                  .client_id = message.client_id,
                  .version = message.version,
                  .created_at = message.created_at,
                  .deleted = true};
  const Version version = batch.next_version(*target.conversation);
  if (message.pin) std::erase(target.conversation->pins, id.seq);
  MSG_CHECK(discount_mentions(batch, message));
  MSG_CHECK(batch.rows().forget_request(message));
  return put_change(batch, target, version, std::move(changed),
                    {.revision = Revision{.by = actor, .deletion = true, .content = {}}});
}

}  // namespace

Result<Message> Messenger::edit(UserId actor, const Edit& edit) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_content(edit.content, limits));
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return edit_message(batch, actor, edit, limits.edit_age_max); },
      hint_of(actor, edit.message, edit.content.size()));
}

Result<Message> Messenger::delete_for_everyone(UserId actor, const MessageId& message) {
  const auto age_max = impl_->options.limits.delete_age_max;
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return delete_message(batch, actor, message, age_max); },
      hint_of(actor, message));
}

Result<std::vector<Revision>> Messenger::list_revisions(UserId actor, const MessageId& message) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, message.conversation));
  MSG_TRY(auto now, load_visible(*snapshot, access, message));
  MSG_CHECK(take_out_hidden(*snapshot, access, {&now, 1}));
  if (now.hidden) return std::vector<Revision>{};
  MSG_TRY(auto row, snapshot->find_revisions(message));
  if (!row) return std::vector<Revision>{};
  if (!access.self.active) {
    std::erase_if(row->revisions,
                  [&](const Revision& revision) { return revision.version > access.self.version; });
  }
  return std::move(row->revisions);
}

}  // namespace msg
