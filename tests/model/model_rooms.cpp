// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "model/model.h"
#include "model/model_cursor.h"
#include "model/model_text.h"

namespace msg::test {

std::unexpected<Error> refuse(Code code, std::string field) {
  return std::unexpected(
      Error{.code = code, .detail = "says the model", .field = std::move(field)});
}

Version Model::stamp() {
  newest_ = std::max(newest_, clock_());
  return Version{++stamps_};
}

Result<int> Model::page_limit(int limit) const {
  if (limit < 0 || limit > limits_.page_size_max) return refuse(Code::invalid_argument, "limit");
  return limit == 0 ? limits_.page_size_default : limit;
}

Result<Model::Place> Model::find_place(UserId actor, ConversationId conversation) const {
  const auto room = rooms_.find(conversation);
  if (room == rooms_.end()) return refuse(Code::not_found, "conversation_id");
  const auto* self = room->second.find_member(actor);
  if (!self) return refuse(Code::not_found, "conversation_id");
  return Place{&room->second, self};
}

Result<Model::Place> Model::find_active_place(UserId actor, ConversationId conversation) const {
  MSG_TRY(const Place place, find_place(actor, conversation));
  if (!place.self->shown.active) return refuse(Code::permission_denied);
  return place;
}

Room& Model::make_room(Conversation conversation) {
  conversation.id = ConversationId{static_cast<std::int64_t>(rooms_.size()) + 1};
  conversation.version = stamp();
  conversation.created_at = newest_;
  Room& room = rooms_[conversation.id];
  room.activity = conversation.version;
  room.conversation = std::move(conversation);
  return room;
}

void Model::join(Room& room, UserId user, Role role) {
  const Version version = stamp();
  const Seq before = room.last_seq();
  RoomMember& member = room.members[user];
  member = {};
  member.shown = {.conversation = room.conversation.id,
                  .user = user,
                  .role = role,
                  .active = true,
                  .visible_from = Seq{to_int(before) + 1},
                  .delivered = before,
                  .read = before,
                  .joined_at = newest_,
                  .version = version};
  member.told_read = before;
  member.came_or_left = room.conversation.version = version;
}

void Model::announce(Room& room) {
  room.conversation.version = stamp();
}

Result<std::optional<Conversation>> Model::find_direct(UserId actor, UserId peer) const {
  std::vector<UserId> users{std::min(actor, peer)};
  if (peer != actor) users.push_back(std::max(actor, peer));
  for (const auto& [id, room] : rooms_) {
    if (room.conversation.direct_users == users) return room.show();
  }
  return std::nullopt;
}

Result<Conversation> Model::open_direct(UserId actor, UserId peer) {
  MSG_TRY(const auto there, find_direct(actor, peer));
  if (there) return *there;
  const std::set<UserId> users{actor, peer};
  for (const UserId user : users) MSG_CHECK(load_user(user));
  Room& room = make_room({.kind = ConversationKind::direct,
                          .direct_users = {users.begin(), users.end()},
                          .created_by = actor});
  for (const UserId user : users) join(room, user, Role::member);
  announce(room);
  return room.show();
}

Result<Conversation> Model::create_group(UserId actor, const NewGroup& group) {
  if (!is_line(group.title, 1, limits_.title_characters_max)) {
    return refuse(Code::invalid_argument, "title");
  }
  std::set<UserId> others(group.users.begin(), group.users.end());
  others.erase(actor);
  if (static_cast<std::int64_t>(others.size()) + 1 > limits_.group_members_max) {
    return refuse(Code::invalid_argument, "user_ids");
  }
  MSG_CHECK(load_user(actor));
  for (const UserId user : others) MSG_CHECK(load_user(user));
  Room& room =
      make_room({.kind = ConversationKind::group, .title = group.title, .created_by = actor});
  join(room, actor, Role::owner);
  for (const UserId user : others) join(room, user, Role::member);
  announce(room);
  return room.show();
}

Result<ConversationView> Model::load_conversation(UserId actor, ConversationId conversation) const {
  MSG_TRY(const Place place, find_place(actor, conversation));
  return place.room->view_of(*place.self);
}

Result<Page<ConversationView>> Model::list_conversations(UserId actor,
                                                         const PageRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  auto before = Version{stamps_ + 1};
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers place, read_cursor(request.cursor, "conversations"));
    if (UserId{place.at(0)} != actor) return refuse(Code::invalid_argument, "cursor");
    before = Version{place.at(1)};
  }
  std::map<Version, const Room*, std::greater<>> latest_first;
  for (const auto& [id, room] : rooms_) {
    if (room.find_active(actor) && room.activity < before) latest_first[room.activity] = &room;
  }
  Page<ConversationView> page{.next = request.cursor, .has_prev = !request.cursor.empty()};
  std::size_t bytes = 0;
  for (const auto& [activity, room] : latest_first) {
    auto view = room->view_of(*room->find_member(actor));
    bytes += view.last_message ? view.last_message->content.size() : 0;
    const bool is_too_much = !page.items.empty() && bytes > limits_.page_bytes_max;
    page.has_more = page.items.size() == static_cast<std::size_t>(limit) || is_too_much;
    if (page.has_more) break;
    page.items.push_back(std::move(view));
    page.next = make_cursor("conversations", {to_int(actor), to_int(activity)});
  }
  return page;
}

}  // namespace msg::test
