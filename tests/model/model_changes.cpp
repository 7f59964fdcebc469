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
  return change(place, std::move(changed), Revision{.by = actor, .content = message.content});
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
  std::erase(rooms_.at(id.conversation).pins, id.seq);
  return change(place, std::move(stone), Revision{.by = actor, .deletion = true});
}

Result<Message> Model::react(UserId actor, const Reaction& reaction) {
  return set_reaction(actor, reaction, true);
}

Result<Message> Model::remove_reaction(UserId actor, const Reaction& reaction) {
  return set_reaction(actor, reaction, false);
}

Result<Message> Model::set_reaction(UserId actor, const Reaction& reaction, bool is_given) {
  const std::string& emoji = reaction.emoji;
  if (!is_line(emoji, 1, limits_.reaction_bytes_max) || emoji.contains(' ')) {
    return refuse(Code::invalid_argument, "emoji");
  }
  MSG_TRY(const Place place, find_active_place(actor, reaction.message.conversation));
  MSG_TRY(Message message, find_readable(place, reaction.message.seq));
  if (message.deleted) return refuse(Code::conflict);
  auto& given = rooms_.at(reaction.message.conversation).reactions[reaction.message.seq];
  auto& own = given[actor];
  if ((std::ranges::find(own, emoji) != own.end()) == is_given) return message;
  const auto kind = std::ranges::find(message.reactions, emoji, &ReactionCount::emoji);
  const bool is_new = kind == message.reactions.end();
  if (is_new && message.reactions.size() >= limits_.reaction_kinds_max) {
    return refuse(Code::conflict);
  }
  if (is_given) {
    own.push_back(emoji);
  } else {
    std::erase(own, emoji);
  }
  if (is_new) message.reactions.push_back({.emoji = emoji, .count = 0});
  // Counted anew, each in its place.
  for (auto& [counted, count] : message.reactions) {
    count = std::ranges::count_if(given, [&](const auto& of_one) {
      return std::ranges::find(of_one.second, counted) != of_one.second.end();
    });
  }
  std::erase_if(message.reactions, [](const ReactionCount& counted) { return counted.count == 0; });
  return change(place, std::move(message), std::nullopt);
}

Result<Message> Model::pin(UserId actor, const MessageId& id) {
  return set_pin(actor, id, true);
}

Result<Message> Model::unpin(UserId actor, const MessageId& id) {
  return set_pin(actor, id, false);
}

Result<Message> Model::set_pin(UserId actor, const MessageId& id, bool is_pinned) {
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(Message message, find_readable(place, id.seq));
  if (place.room->conversation.kind == ConversationKind::group &&
      place.self->shown.role == Role::member) {
    return refuse(Code::permission_denied);
  }
  if (message.deleted) return refuse(Code::conflict);
  if (message.pin.has_value() == is_pinned) return message;
  auto& pins = rooms_.at(id.conversation).pins;
  if (is_pinned && pins.size() >= limits_.pins_max) return refuse(Code::conflict);
  if (is_pinned) {
    pins.push_back(id.seq);
  } else {
    std::erase(pins, id.seq);
  }
  message.pin.reset();
  if (is_pinned) message.pin = Pin{.by = actor};
  return change(place, std::move(message), std::nullopt);
}

Result<Message> Model::change(const Place& place, Message changed,
                              std::optional<Revision> revision) {
  Room& room = rooms_.at(changed.id.conversation);
  Message& stored = room.messages.at(static_cast<std::size_t>(to_int(changed.id.seq)) - 1);
  const Version version = stamp();
  room.conversation.version = version;
  changed.changed = version;
  changed.client_id = stored.client_id;
  if (changed.pin && !stored.pin) {
    changed.pin->version = version;
    changed.pin->at = newest_;
  }
  if (revision) {
    revision->version = version;
    revision->at = newest_;
    if (!revision->deletion) changed.edited_at = newest_;
    auto& revisions = room.revisions[changed.id.seq];
    if (revision->deletion) {
      for (auto& earlier : revisions) earlier.content.clear();
    }
    revisions.push_back(*std::move(revision));
  }
  stored = changed;
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
