// SPDX-License-Identifier: Apache-2.0
#include "messenger/change.h"

#include <array>

#include "messenger/view.h"

namespace msg {
namespace {

void add_revision(RevisionsRow& row, Revision revision) {
  if (revision.deletion) {
    for (Revision& earlier : row.revisions) earlier.content = std::string();
  }
  row.revisions.push_back(std::move(revision));
  if (row.revisions.size() <= kRevisionsMax) return;
  row.dropped_up_to = row.revisions.front().version;
  row.revisions.erase(row.revisions.begin());
}

Result<void> put_revision(Batch& batch, const MessageId& message, Revision revision) {
  MSG_TRY(auto row, batch.rows().find_revisions(message));
  if (!row) row = RevisionsRow{.message = message, .dropped_up_to = {}, .revisions = {}};
  add_revision(*row, std::move(revision));
  return batch.rows().put_revisions(*row);
}

}  // namespace

Result<Target> find_target(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(id.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(id.conversation, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(may(Act::look, *conversation, *member));
  if (!readable(*conversation, *member).has(id.seq)) return no_such_message();
  MSG_TRY(auto message, batch.rows().find_message(id));
  if (!message) return no_such_message();
  return Target{conversation, member, *std::move(message)};
}

Result<Target> find_shown_target(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(auto target, find_target(batch, actor, id));
  if (target.actor->hidden.empty()) return target;
  MSG_TRY(const auto own, find_annotation(batch, target));
  if (own.hidden != Version{}) return no_such_message();
  return target;
}

Result<AnnotationRow> find_annotation(Batch& batch, const Target& target) {
  const std::array ids{target.message.id};
  MSG_TRY(auto found, batch.rows().find_annotations(ids, target.actor->user));
  if (!found.front()) {
    return AnnotationRow{
        .message = target.message.id, .user = target.actor->user, .hidden = {}, .reactions = {}};
  }
  return *std::move(found.front());
}

Result<Message> put_change(Batch& batch, const Target& target, Version version, Message changed,
                           ChangeNote note) {
  ConversationRow& conversation = *target.conversation;
  conversation.version = conversation.changes = version;
  batch.changed(conversation);
  changed.changed = version;
  if (note.revision) {
    note.revision->version = version;
    note.revision->at = time_of(version);
    if (!note.revision->deletion) changed.edited_at = note.revision->at;
    MSG_CHECK(put_revision(batch, changed.id, *std::move(note.revision)));
  }
  MSG_CHECK(batch.rows().put_message(changed, target.message));
  batch.emit(conversation.id, version,
             MessageChangeEvent{.message = changed, .reaction = std::move(note.reaction)});
  hide_from(changed, target.actor->user);
  return changed;
}

}  // namespace msg
