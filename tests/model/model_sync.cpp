// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_cursor.h"

namespace msg::test {

// A sync cursor says since when, and while paging which conversations were offered since, each
// with its version of then: "sync USER SINCE (CONVERSATION VERSION)…". Who changed after that is
// news once more. Those are the conversations of that user, and of use to nobody else.

Result<std::string> Model::sync_position() const {
  return make_cursor("sync", {0, stamps_});
}

ConversationDelta Model::delta_since(const Room& room, const RoomMember& self,
                                     Version since) const {
  const bool has_joined = self.shown.active && self.came_or_left > since;
  if (has_joined) since = Version{};
  ConversationDelta delta{.view = room.view_of(self)};
  std::vector<Message> changed;
  for (auto& message : room.readable_by(self)) {
    const auto& now = room.messages.at(static_cast<std::size_t>(to_int(message.id.seq)) - 1);
    if (message.version > since) {
      delta.messages.push_back(std::move(message));
    } else if (now.changed > since) {
      changed.push_back(std::move(message));
    }
  }
  const auto messages_max = static_cast<std::size_t>(limits_.sync_messages_max);
  if (delta.messages.size() > messages_max) {
    const auto kept = delta.messages.end() - limits_.sync_messages_max;
    delta.missing = SeqRange{delta.messages.front().id.seq, Seq{to_int(kept->id.seq) - 1}};
    delta.messages.erase(delta.messages.begin(), kept);
  }
  // What changed takes the room that the new ones leave.
  while (changed.size() > messages_max - delta.messages.size()) {
    const Seq seq = changed.front().id.seq;
    delta.stale = SeqRange{delta.stale ? delta.stale->from : seq, seq};
    changed.erase(changed.begin());
  }
  delta.messages.insert(delta.messages.begin(), changed.begin(), changed.end());
  if (!self.shown.active) {
    delta.members = {self.show_to({self.shown.user})};
    return delta;
  }
  std::vector<const RoomMember*> changed_members;
  for (const auto& [user, member] : room.members) {
    if (member.shown.version > since) changed_members.push_back(&member);
  }
  std::ranges::sort(changed_members, {}, [](const auto* member) { return member->shown.version; });
  for (const auto* member : changed_members) {
    delta.members.push_back(member->show_to(reader_of(self.shown.user)));
  }
  const auto members_max = static_cast<std::size_t>(limits_.page_size_max);
  delta.more_members = delta.members.size() > members_max;
  if (delta.more_members) {
    std::erase_if(delta.members,
                  [&](const Member& member) { return member.user != self.shown.user; });
  }
  return delta;
}

Result<SyncPage> Model::sync(UserId actor, const SyncRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  Numbers cursor{0, 0};
  if (!request.cursor.empty()) {
    MSG_TRY(cursor, read_cursor(request.cursor, "sync"));
    const bool is_paging = cursor.size() > 2;
    if (is_paging && UserId{cursor.at(0)} != actor) {
      return refuse(Code::invalid_argument, "cursor");
    }
  }
  std::map<ConversationId, Version> offered;
  for (std::size_t i = 2; i + 1 < cursor.size(); i += 2) {
    offered[ConversationId{cursor[i]}] = Version{cursor[i + 1]};
  }
  const Version since{cursor.at(1)};
  // For a former member the conversation stands still since the leaving.
  std::map<Version, const Room*> news;
  for (const auto& [id, room] : rooms_) {
    const auto* self = room.find_member(actor);
    if (!self) continue;
    const Version changed = self->shown.active
                                ? std::max(room.conversation.version, self->own_version)
                                : self->came_or_left;
    if (changed > since && offered[id] != changed) news[changed] = &room;
  }

  SyncPage page;
  page.resumed = request.cursor.empty() ? Resumed::beginning : Resumed::complete;
  std::size_t bytes = 0;
  for (const auto& [changed, room] : news) {
    auto delta = delta_since(*room, *room->find_member(actor), since);
    if (delta.view.last_message) bytes += delta.view.last_message->content.size();
    for (const auto& message : delta.messages) bytes += message.content.size();
    const bool is_too_much = !page.conversations.empty() && bytes > limits_.page_bytes_max;
    page.has_more = page.conversations.size() == static_cast<std::size_t>(limit) || is_too_much;
    if (page.has_more) break;
    page.conversations.push_back(std::move(delta));
    offered[room->conversation.id] = changed;
  }
  cursor = {to_int(actor), page.has_more ? to_int(since) : stamps_};
  for (const auto& [id, version] : offered) {
    if (!page.has_more || version == Version{}) continue;
    cursor.push_back(to_int(id));
    cursor.push_back(to_int(version));
  }
  page.cursor = make_cursor("sync", cursor);
  return page;
}

Screen Model::screen_of(UserId user) const {
  Screen screen;
  for (const auto& [id, room] : rooms_) {
    if (const auto* self = room.find_active(user))
      screen[id] = room.chat_of(*self, reader_of(user));
  }
  return screen;
}

}  // namespace msg::test
