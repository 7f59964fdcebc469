// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"
#include "model/model_cursor.h"
#include "model/model_text.h"

namespace msg::test {

/// Where members can change.
Result<Model::Place> Model::find_group_place(UserId actor, ConversationId conversation) const {
  MSG_TRY(const Place place, find_active_place(actor, conversation));
  if (place.room->conversation.kind == ConversationKind::direct) return refuse(Code::conflict);
  return place;
}

Result<Conversation> Model::rename_group(UserId actor, ConversationId conversation,
                                         std::string title) {
  if (!is_line(title, 1, limits_.title_characters_max)) {
    return refuse(Code::invalid_argument, "title");
  }
  MSG_TRY(const Place place, find_group_place(actor, conversation));
  if (place.self->shown.role == Role::member) return refuse(Code::permission_denied);
  Room& room = rooms_.at(conversation);
  if (room.conversation.title != title) {
    room.conversation.title = std::move(title);
    announce(room);
  }
  return room.show();
}

Result<Member> Model::add_member(UserId actor, ConversationId conversation, UserId user,
                                 Role role) {
  MSG_TRY(const Place place, find_group_place(actor, conversation));
  const Role power = place.self->shown.role;
  if (power == Role::member || role > power) return refuse(Code::permission_denied);
  MSG_CHECK(load_user(user));
  Room& room = rooms_.at(conversation);
  if (const auto* there = room.find_active(user)) return there->show_to(reader_of(actor));
  if (room.active_count() == limits_.group_members_max) return refuse(Code::conflict);
  join(room, user, role);
  announce(room);
  return room.members.at(user).show_to(reader_of(actor));
}

Result<Member> Model::remove_member(UserId actor, ConversationId conversation, UserId user) {
  MSG_TRY(const Place place, find_group_place(actor, conversation));
  if (!place.room->find_active(user)) return refuse(Code::not_found, "user_id");
  Room& room = rooms_.at(conversation);
  RoomMember& member = room.members.at(user);
  const Role power = place.self->shown.role;
  const bool may = user == actor || power == Role::owner ||
                   (power == Role::admin && member.shown.role == Role::member);
  if (!may) return refuse(Code::permission_denied);
  if (member.shown.role == Role::owner && room.owner_count() == 1 && room.active_count() > 1) {
    return refuse(Code::conflict);
  }
  member.shown.active = false;
  member.shown.role = Role::member;
  member.shown.visible_until = room.last_seq();
  member.came_or_left = member.shown.version = room.conversation.version = stamp();
  announce(room);
  return member.show_to(reader_of(actor));
}

Result<Member> Model::change_role(UserId actor, ConversationId conversation, UserId user,
                                  Role role) {
  MSG_TRY(const Place place, find_group_place(actor, conversation));
  if (!place.room->find_active(user)) return refuse(Code::not_found, "user_id");
  Room& room = rooms_.at(conversation);
  RoomMember& kept = room.members.at(user);
  Member& member = kept.shown;
  const Role power = place.self->shown.role;
  const bool may = power == Role::owner ||
                   (power == Role::admin && member.role == Role::member && role <= Role::admin);
  if (!may) return refuse(Code::permission_denied);
  if (member.role == role) return kept.show_to(reader_of(actor));
  if (member.role == Role::owner && room.owner_count() == 1) return refuse(Code::conflict);
  member.role = role;
  member.version = room.conversation.version = stamp();
  return kept.show_to(reader_of(actor));
}

Result<Page<Member>> Model::list_members(UserId actor, ConversationId conversation,
                                         const PageRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  UserId after{};
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers place, read_cursor(request.cursor, "members"));
    if (ConversationId{place.at(0)} != conversation) {
      return refuse(Code::invalid_argument, "cursor");
    }
    after = UserId{place.at(1)};
  }
  MSG_TRY(const Place place, find_active_place(actor, conversation));
  Page<Member> page{.has_prev = after != UserId{}};
  for (const auto& [user, member] : place.room->members) {
    if (user <= after || !member.shown.active) continue;
    page.has_more = page.items.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    page.items.push_back(member.show_to(reader_of(actor)));
  }
  const UserId last = page.items.empty() ? after : page.items.back().user;
  page.next = make_cursor("members", {to_int(conversation), to_int(last)});
  return page;
}

}  // namespace msg::test
