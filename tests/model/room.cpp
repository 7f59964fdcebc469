// SPDX-License-Identifier: Apache-2.0
#include "model/room.h"

#include <algorithm>

namespace msg::test {

const RoomMember* Room::find_member(UserId user) const {
  const auto found = members.find(user);
  return found == members.end() ? nullptr : &found->second;
}

const RoomMember* Room::find_active(UserId user) const {
  const auto* member = find_member(user);
  return member && member->shown.active ? member : nullptr;
}

std::int64_t Room::active_count() const {
  return std::ranges::count_if(members, [](const auto& m) { return m.second.shown.active; });
}

std::int64_t Room::owner_count() const {
  return std::ranges::count_if(members, [](const auto& m) {
    return m.second.shown.active && m.second.shown.role == Role::owner;
  });
}

Conversation Room::show() const {
  Conversation shown = conversation;
  shown.last_seq = last_seq();
  shown.member_count = active_count();
  return shown;
}

std::vector<Message> Room::readable_by(const RoomMember& self) const {
  const Seq until = self.shown.visible_until.value_or(last_seq());
  std::vector<Message> readable;
  for (const auto& message : messages) {
    if (message.id.seq < self.shown.visible_from || message.id.seq > until) continue;
    readable.push_back(self.shown.active ? message : as_of(message, self.shown.version));
    if (message.sender != self.shown.user) readable.back().client_id.clear();
  }
  return readable;
}

Message Room::as_of(Message message, Version left) const {
  if (message.deleted || message.changed.value_or(left) <= left) return message;
  message.reactions.clear();
  message.changed.reset();
  if (message.pin && message.pin->version > left) message.pin.reset();
  const auto found = revisions.find(message.id.seq);
  if (found == revisions.end()) return message;
  const auto later = std::ranges::partition_point(
      found->second, [&](const Revision& revision) { return revision.version <= left; });
  const auto count = static_cast<std::size_t>(found->second.end() - later);
  if (count == 0) {
    message.changed = found->second.back().version;
    return message;
  }
  const bool is_known = count <= kRevisionsMax;
  message.content = is_known ? later->content : "";
  message.edited_at.reset();
  if (is_known && later != found->second.begin()) {
    message.changed = std::prev(later)->version;
    message.edited_at = std::prev(later)->at;
  }
  return message;
}

ConversationView Room::view_of(const RoomMember& self) const {
  ConversationView view{.conversation = show(),
                        .self = self.show_to({self.shown.user}),
                        .unread_from = self.unread_from};
  if (!self.shown.active) {
    view.conversation.title.clear();
    view.conversation.member_count = 0;
    view.conversation.last_seq = *self.shown.visible_until;
    view.conversation.version = self.shown.version;
  }
  for (const Seq seq : pins) {
    if (self.shown.active && seq >= self.shown.visible_from) view.pinned.push_back(seq);
  }
  const auto readable = readable_by(self);
  if (!readable.empty()) view.last_message = readable.back();
  view.unread_count = std::ranges::count_if(readable, [&](const Message& message) {
    const Seq seq = message.id.seq;
    const bool is_unread = self.unread_from ? seq >= *self.unread_from : seq > self.shown.read;
    return is_unread && message.sender != self.shown.user;
  });
  return view;
}

Chat Room::chat_of(const RoomMember& self, const Reader& reader) const {
  Chat chat{.title = conversation.title, .unread = view_of(self).unread_count};
  for (const auto& message : readable_by(self)) chat.messages[message.id.seq] = shown_text(message);
  for (const auto& [user, member] : members) {
    if (!member.shown.active) continue;
    const Member shown = member.show_to(reader);
    chat.people[user] = {shown.role, shown.delivered, shown.read};
  }
  return chat;
}

MessageStatus Room::status_of(const Message& message, const Reader& reader) const {
  MessageStatus status{.id = message.id, .state = MessageState::read};
  for (const auto& [user, member] : members) {
    if (!is_recipient_of(member, message)) continue;
    const MessageState state = state_with(member, message.id.seq, reader);
    ++status.recipient_count;
    if (state >= MessageState::delivered) ++status.delivered_count;
    if (state == MessageState::read) ++status.read_count;
    status.state = std::min(status.state, state);
  }
  if (status.recipient_count == 0) status.state = MessageState::sent;
  return status;
}

bool is_recipient_of(const RoomMember& member, const Message& message) {
  return member.shown.active && member.shown.user != message.sender &&
         message.id.seq >= member.shown.visible_from;
}

Member RoomMember::show_to(const Reader& reader) const {
  Member member = shown;
  if (shown.user == reader.user) {
    member.version = newest();
    return member;
  }
  member.read = reader.sees_reads ? told_read : Seq{};
  member.read_at.reset();
  if (reader.sees_reads && !read.empty()) member.read_at = read.back().at;
  return member;
}

MessageState state_with(const RoomMember& member, Seq seq, const Reader& reader) {
  const bool is_own = member.shown.user == reader.user;
  const bool has_read = (is_own ? member.shown.read : member.told_read) >= seq;
  if (has_read && (is_own || reader.sees_reads)) return MessageState::read;
  return member.shown.delivered >= seq ? MessageState::delivered : MessageState::sent;
}

}  // namespace msg::test
