// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_text.h"

namespace msg::test {

Result<Message> Model::edit(UserId actor, const Edit& edit) {
  if (!is_content(edit.content, limits_.content_bytes_max))
    return refuse(Code::invalid_argument, "content");
  MSG_TRY(const Place place, find_active_place(actor, edit.message.conversation));
  MSG_TRY(Message message, find_readable(place, edit.message.seq));
  if (message.sender != actor) return refuse(Code::permission_denied);
  if (message.deleted || message.kind != MessageKind::text) return refuse(Code::conflict);
  if (message.content == edit.content) return message;
  if (clock_() > message.created_at + limits_.edit_age_max) return refuse(Code::conflict);
  Message changed = message;
  changed.content = edit.content;
  return change(place, std::move(changed), {.by = actor, .content = message.content});
}

Result<Message> Model::delete_for_everyone(UserId actor, const MessageId& id) {
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(Message message, find_readable(place, id.seq));
  const bool is_moderator = place.room->conversation.kind == ConversationKind::group &&
                            place.self->shown.role != Role::member;
  if (message.sender != actor && !is_moderator) return refuse(Code::permission_denied);
  if (message.deleted) return message;
  const bool is_old = clock_() > message.created_at + limits_.delete_age_max;
  if (is_old && !is_moderator) return refuse(Code::conflict);
  Message stone{.id = message.id, .sender = message.sender, .kind = message.kind};
  stone.client_id = place.room->messages.at(static_cast<std::size_t>(to_int(id.seq)) - 1).client_id;
  stone.version = message.version;
  stone.created_at = message.created_at;
  stone.deleted = true;
  return change(place, std::move(stone), {.by = actor, .deletion = true});
}

Result<Message> Model::change(const Place& place, Message changed, Revision revision) {
  Room& room = rooms_.at(changed.id.conversation);
  room.conversation.version = revision.version = stamp();
  changed.changed = revision.version;
  revision.at = newest_;
  if (!revision.deletion) changed.edited_at = newest_;
  auto& revisions = room.revisions[changed.id.seq];
  if (revision.deletion) {
    for (auto& earlier : revisions) earlier.content.clear();
  }
  revisions.push_back(std::move(revision));
  room.messages.at(static_cast<std::size_t>(to_int(changed.id.seq)) - 1) = changed;
  if (changed.sender != place.self->shown.user) changed.client_id.clear();
  return changed;
}

Result<std::vector<Revision>> Model::list_revisions(UserId actor, const MessageId& id) const {
  MSG_TRY(const Place place, find_place(actor, id.conversation));
  MSG_CHECK(find_readable(place, id.seq));
  const auto found = place.room->revisions.find(id.seq);
  if (found == place.room->revisions.end()) return std::vector<Revision>{};
  const auto& all = found->second;
  const auto kept = static_cast<std::ptrdiff_t>(std::min(all.size(), kRevisionsMax));
  std::vector<Revision> revisions(all.end() - kept, all.end());
  std::erase_if(revisions, [&](const Revision& revision) {
    return !place.self->shown.active && revision.version > place.self->shown.version;
  });
  return revisions;
}

}  // namespace msg::test
