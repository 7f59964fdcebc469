// SPDX-License-Identifier: Apache-2.0
// What becomes of messages after they were sent. Each change gets a version above all of the
// conversation, and the change index leads sync from there to the message.
#include "core/limits.h"
#include "messenger/impl.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// A message that the actor, an active member, may read.
struct Target {
  ConversationRow* conversation{};
  MemberRow* actor{};
  Message message;
};

Result<Target> find_target(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(id.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(id.conversation, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(require_active(*member));
  if (id.seq < member->visible_from || id.seq > conversation->last_seq) return no_such_message();
  MSG_TRY(auto message, batch.rows().find_message(id));
  if (!message) return no_such_message();
  return Target{conversation, member, *std::move(message)};
}

bool is_older_than(const Message& message, std::chrono::milliseconds age, Time now) {
  return age <= std::chrono::milliseconds::zero() || now - message.created_at > age;
}

void add_revision(RevisionsRow& row, Revision revision) {
  if (revision.deletion) {
    for (Revision& earlier : row.revisions) earlier.content = std::string();
  }
  row.revisions.push_back(std::move(revision));
  if (row.revisions.size() <= kRevisionsMax) return;
  row.dropped_up_to = row.revisions.front().version;
  row.revisions.erase(row.revisions.begin());
}

/// Stamps and stores `changed`, which is otherwise as it shall be, and tells those who may read it.
Result<Message> put_change(Batch& batch, const Target& target, Message changed, Revision revision) {
  MSG_TRY(auto row, batch.rows().find_revisions(changed.id));
  if (!row) row = RevisionsRow{.message = changed.id, .dropped_up_to = {}, .revisions = {}};

  ConversationRow& conversation = *target.conversation;
  const Version version = batch.next_version(conversation);
  conversation.version = conversation.changes = version;
  batch.changed(conversation);
  changed.changed = revision.version = version;
  revision.at = time_of(version);
  if (!revision.deletion) changed.edited_at = revision.at;
  add_revision(*row, std::move(revision));
  MSG_CHECK(batch.rows().put_message(changed, target.message));
  MSG_CHECK(batch.rows().put_revisions(*row));
  batch.emit(conversation.id, version, MessageChangeEvent{changed});
  hide_from(changed, target.actor->user);
  return changed;
}

std::unexpected<Error> too_old() {
  return fail(Code::conflict, "The message is too old for that.");
}

Result<Message> edit_message(Batch& batch, UserId actor, const Edit& edit,
                             std::chrono::milliseconds age_max) {
  MSG_TRY(Target target, find_target(batch, actor, edit.message));
  const Message& message = target.message;
  if (message.sender != actor) {
    return fail(Code::permission_denied, "Only the sender edits a message.");
  }
  if (message.deleted) return fail(Code::conflict, "The message is deleted.");
  if (message.kind != MessageKind::text) return fail(Code::conflict, "Only a text can be edited.");
  if (message.content == edit.content) return message;
  if (is_older_than(message, age_max, batch.now())) return too_old();
  Message changed = message;
  changed.content = edit.content;
  return put_change(batch, target, std::move(changed), {.by = actor, .content = message.content});
}

Result<Message> delete_message(Batch& batch, UserId actor, const MessageId& id,
                               std::chrono::milliseconds age_max) {
  MSG_TRY(Target target, find_target(batch, actor, id));
  Message& message = target.message;
  const bool is_moderator =
      target.conversation->kind == ConversationKind::group && target.actor->role >= Role::admin;
  if (message.sender != actor && !is_moderator) {
    return fail(Code::permission_denied, "Only its sender, or an admin of the group, deletes it.");
  }
  if (message.deleted) {
    hide_from(message, actor);
    return message;
  }
  if (!is_moderator && is_older_than(message, age_max, batch.now())) return too_old();
  Message changed = message;
  changed.content.clear();
  changed.reply_to.reset();
  changed.timestamp.reset();
  changed.edited_at.reset();
  changed.deleted = true;
  MSG_CHECK(batch.rows().forget_request(message));
  return put_change(batch, target, std::move(changed),
                    {.by = actor, .deletion = true, .content = {}});
}

}  // namespace

Result<Message> Messenger::edit(UserId actor, const Edit& edit) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_content(edit.content, limits));
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return edit_message(batch, actor, edit, limits.edit_age_max); },
      {.bytes = edit.content.size(), .touch = Touch{edit.message.conversation, actor, {}}});
}

Result<Message> Messenger::delete_for_everyone(UserId actor, const MessageId& message) {
  const auto age_max = impl_->options.limits.delete_age_max;
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return delete_message(batch, actor, message, age_max); },
      {.touch = Touch{message.conversation, actor, {}}});
}

Result<std::vector<Revision>> Messenger::list_revisions(UserId actor, const MessageId& message) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, message.conversation));
  MSG_CHECK(load_visible(*snapshot, access, message));
  MSG_TRY(auto row, snapshot->find_revisions(message));
  if (!row) return std::vector<Revision>{};
  if (!access.self.active) {
    std::erase_if(row->revisions,
                  [&](const Revision& revision) { return revision.version > access.self.version; });
  }
  return std::move(row->revisions);
}

}  // namespace msg
