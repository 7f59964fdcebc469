// SPDX-License-Identifier: Apache-2.0
#include "model/generator.h"

#include <algorithm>

namespace msg::test {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kUsersMax = 14;
constexpr std::int64_t kRoomsMax = 24;

}  // namespace

Limits limits_for(std::uint64_t seed) {
  Dice dice(seed ^ 0x11317);
  Limits limits;
  limits.content_bytes_max = 3000;
  limits.client_id_bytes_max = 12;
  limits.title_characters_max = 20;
  limits.display_name_characters_max = 16;
  limits.about_characters_max = 20;
  limits.avatar_bytes_max = 24;
  limits.group_members_max = dice.between(5, 12);
  limits.page_size_max = static_cast<int>(dice.between(3, 9));
  limits.page_size_default = static_cast<int>(dice.between(1, limits.page_size_max));
  limits.sync_messages_max = static_cast<int>(dice.between(1, 8));
  limits.page_bytes_max = static_cast<std::size_t>(dice.between(500, 6000));
  limits.edit_age_max = std::chrono::hours{dice.percent(50) ? 3 : 3000};
  limits.delete_age_max = std::chrono::hours{7};
  limits.reaction_kinds_max = static_cast<std::size_t>(dice.between(2, 6));
  limits.pins_max = static_cast<std::size_t>(dice.between(1, 4));
  return limits;
}

Step Generator::next() {
  Operation operation = make_operation();
  const auto clock = move_clock(std::holds_alternative<Reopen>(operation));
  return {.clock = clock, .operation = std::move(operation)};
}

/// It may stand still and go back, but not behind a restart: a store may then give a new id that is
/// below older ones, and the model takes ids for the order of creation.
milliseconds Generator::move_clock(bool is_reopening) {
  const auto die = dice_.below(100);
  milliseconds by{dice_.between(1, 40)};
  if (die < 15) by = milliseconds{0};
  if (die >= 90) by = milliseconds{dice_.between(100, 10'000)};
  if (die == 98) by = milliseconds{-dice_.between(1, 20'000)};
  if (die == 99) by = std::chrono::hours{dice_.between(1, 48)};
  if (is_reopening) {
    by = latest_ - now_ + milliseconds{1};
    reopened_ = now_ + by;
  }
  by = std::max(by, reopened_ - now_);
  now_ += by;
  latest_ = std::max(latest_, now_);
  return by;
}

Operation Generator::make_operation() {
  constexpr std::size_t kUsersAtFirst = 5;
  if (model_.users().size() < kUsersAtFirst) return register_user();
  const auto die = dice_.below(100);
  if (die < 5) return make_user_operation();
  if (die < 8 || !has_rooms()) {
    if (!has_rooms()) return OpenDirect{UserId{1}, UserId{2}};  // where nobody ever leaves
    const auto room_count = static_cast<std::int64_t>(model_.rooms().size());
    if (room_count < 4 || (room_count < kRoomsMax && dice_.percent(50))) return create_group();
    if (dice_.percent(20) || room_count >= kRoomsMax) return FindDirect{user(), user()};
    return OpenDirect{user(), user()};
  }
  if (die < 16) return make_group_operation();
  if (die < 41) return send();
  if (die < 49) return make_change();
  if (die < 59) return mark();
  if (die < 62) return make_unread();
  if (die < 86) return make_read();
  if (die < 99) return make_sync();
  return Reopen{};
}

Operation Generator::make_user_operation() {
  switch (dice_.below(6)) {
    case 0:
      return register_user();
    case 1:
      return update_user();
    case 2:
      return LoadUser{dice_.percent(20) ? UserId{999} : user()};
    case 3:
      return LoadUserByPhone{phone()};
    case 4:
      return LoadUserByUsername{username()};
    default:
      return ListUsers{paging("users")};
  }
}

Operation Generator::make_group_operation() {
  const ConversationId in = room();
  const auto role = static_cast<Role>(dice_.below(3));
  switch (dice_.below(8)) {
    case 0:
      return RenameGroup{admin_in(in), in, line(limits_.title_characters_max)};
    case 1:
      return RemoveMember{admin_in(in), in, actor_in(in)};
    case 2: {
      const UserId leaving = dice_.percent(70) ? actor_in(in) : user();
      return RemoveMember{leaving, in, leaving};
    }
    case 3:
    case 4:
      return ChangeRole{admin_in(in), in, actor_in(in), role};
    default:
      return AddMember{admin_in(in), in, user(), dice_.percent(60) ? Role::member : role};
  }
}

Operation Generator::make_read() {
  const ConversationId in = room();
  switch (dice_.below(15)) {
    case 12:
      return list_receipts(in);
    case 13:
      return list_conversations();
    case 0:
      return LoadConversation{actor_in(in), in};
    case 1:
    case 2:
      return list_conversations();
    case 3:
      return ListMembers{actor_in(in), in, paging("members " + std::to_string(to_int(in)))};
    case 4:
      return LoadMessage{actor_in(in), {in, seq_in(in)}};
    case 5:
    case 14:
      return LoadStatus{actor_in(in), {in, seq_in(in)}};
    case 6:
      return ListRecipients{
          actor_in(in), {in, received_in(in)}, paging("recipients " + std::to_string(to_int(in)))};
    default:
      return history();
  }
}

Operation Generator::make_unread() {
  const ConversationId in = room();
  if (dice_.percent(12)) return MarkAllRead{user()};
  return MarkUnread{actor_in(in), in, seq_in(in)};
}

ListReceipts Generator::list_receipts(ConversationId in) {
  const auto state = dice_.percent(50) ? MessageState::read : MessageState::delivered;
  return {actor_in(in),
          {in, received_in(in)},
          dice_.percent(3) ? MessageState::sent : state,
          paging("receipts " + std::to_string(to_int(in)))};
}

Operation Generator::make_sync() {
  const auto die = dice_.below(20);
  if (die == 0) return SyncPosition{};
  if (die < 10) return sync();
  CatchUp op{.user = user(), .limit = static_cast<int>(dice_.between(1, limits_.page_size_max))};
  if (dice_.percent(30)) op.pages_max = static_cast<int>(dice_.between(1, 3));
  if (dice_.percent(25)) op.back = static_cast<int>(dice_.between(1, 6));
  return op;
}

RegisterUser Generator::register_user() {
  RegisterUser op{{.phone = phone()}};
  if (static_cast<std::int64_t>(model_.users().size()) >= kUsersMax) op.user.phone = "none";
  if (dice_.percent(70)) op.user.username = username();
  if (dice_.percent(60)) op.user.display_name = line(limits_.display_name_characters_max);
  if (dice_.percent(20)) op.user.about = line(limits_.about_characters_max);
  if (dice_.percent(20)) op.user.avatar = line(limits_.avatar_bytes_max);
  return op;
}

UpdateUser Generator::update_user() {
  UpdateUser op{.actor = user()};
  if (dice_.percent(30)) op.patch.phone = phone();
  if (dice_.percent(40)) op.patch.username = dice_.percent(20) ? "" : username();
  if (dice_.percent(40)) op.patch.display_name = line(limits_.display_name_characters_max);
  if (dice_.percent(20)) op.patch.about = line(limits_.about_characters_max);
  if (dice_.percent(20)) op.patch.avatar = line(limits_.avatar_bytes_max);
  if (dice_.percent(25)) op.patch.read_receipts = dice_.percent(60);
  return op;
}

CreateGroup Generator::create_group() {
  CreateGroup op{.actor = user(), .group = {.title = line(limits_.title_characters_max)}};
  const auto count = dice_.below(limits_.group_members_max + (dice_.percent(10) ? 4 : 0));
  for (std::int64_t i = 0; i < count; ++i) op.group.users.push_back(user());
  return op;
}

UserId Generator::user() {
  if (dice_.percent(5)) return UserId{1000 + dice_.below(3)};
  return UserId{dice_.between(1, static_cast<std::int64_t>(model_.users().size()))};
}

ConversationId Generator::room() {
  if (dice_.percent(2)) return ConversationId{1000 + dice_.below(3)};
  const auto count = static_cast<std::int64_t>(model_.rooms().size());
  // A few with much in them, and many with a little; seldom one that all have left.
  constexpr int kTries = 4;
  ConversationId chosen{};
  for (int i = 0; i < kTries; ++i) {
    const auto reach = dice_.percent(70) ? std::min<std::int64_t>(count, 4) : count;
    chosen = ConversationId{dice_.between(1, reach)};
    if (model_.rooms().at(chosen).active_count() > 1) break;
  }
  return chosen;
}

const Room* Generator::find_room(ConversationId conversation) const {
  const auto found = model_.rooms().find(conversation);
  return found == model_.rooms().end() ? nullptr : &found->second;
}

UserId Generator::actor_in(ConversationId conversation) {
  const Room* room = find_room(conversation);
  if (!room || dice_.percent(5)) return user();
  const bool may_be_former = dice_.percent(25);
  std::vector<UserId> members;
  for (const auto& [user, member] : room->members) {
    if (member.shown.active || may_be_former) members.push_back(user);
  }
  return members.empty() ? user() : dice_.pick(members);
}

UserId Generator::admin_in(ConversationId conversation) {
  const Room* room = find_room(conversation);
  for (const auto& [user, member] : room ? room->members : std::map<UserId, RoomMember>{}) {
    const bool has_power = member.shown.active && member.shown.role > Role::member;
    if (has_power && dice_.percent(60)) return user;
  }
  return actor_in(conversation);
}

Seq Generator::seq_in(ConversationId conversation) {
  const Room* room = find_room(conversation);
  const auto last = room ? to_int(room->last_seq()) : 0;
  const auto die = dice_.below(100);
  if (die < 3) return Seq{-1};
  if (die < 5) return Seq{(std::int64_t{1} << 53) + dice_.below(2)};
  if (die < 7) return Seq{0};
  if (die < 12 || last == 0) return Seq{last + dice_.between(1, 3)};
  if (die < 50) return Seq{dice_.between(std::max<std::int64_t>(1, last - 8), last)};
  return Seq{dice_.between(1, last)};
}

/// Mostly one of the latest that somebody gave a receipt for.
Seq Generator::received_in(ConversationId conversation) {
  const Room* room = find_room(conversation);
  if (!room || room->members.empty() || dice_.percent(40)) return seq_in(conversation);
  const auto& member = room->members.begin()->second;
  const auto& rises = dice_.percent(50) ? member.delivered : member.read;
  if (rises.empty()) return seq_in(conversation);
  const auto count = static_cast<std::int64_t>(rises.size());
  const auto back = dice_.below(std::min<std::int64_t>(count, 40));
  return rises.at(static_cast<std::size_t>(count - 1 - back)).up_to;
}

ListConversations Generator::list_conversations() {
  const UserId actor = user();
  const bool is_own = dice_.percent(95);
  return {actor,
          paging(is_own ? "conversations " + std::to_string(to_int(actor)) : "conversations")};
}

int Generator::limit() {
  const auto die = dice_.below(100);
  if (die < 2) return -static_cast<int>(dice_.between(1, 5));
  if (die < 4) return limits_.page_size_max + 1;
  if (die < 20) return 0;
  return static_cast<int>(dice_.between(1, dice_.percent(50) ? 3 : limits_.page_size_max));
}

Paging Generator::paging(const std::string& list) {
  return {limit(), cursor(list)};
}

/// One of the list, new or old; rarely one of another, or none at all.
CursorPlace Generator::cursor(const std::string& list) {
  if (cursors_.empty() || dice_.percent(35)) return std::nullopt;
  if (dice_.percent(2)) return kForgedCursor;
  const auto count = static_cast<std::int64_t>(cursors_.size());
  if (dice_.percent(2)) return static_cast<std::size_t>(dice_.below(count));
  constexpr int kTries = 40;
  for (int i = 0; i < kTries; ++i) {
    const auto reach = dice_.percent(70) ? std::min<std::int64_t>(count, 60) : count;
    const auto place = static_cast<std::size_t>(count - 1 - dice_.below(reach));
    if ((cursors_[place] + ' ').starts_with(list + ' ')) return place;
  }
  return std::nullopt;
}

}  // namespace msg::test
