// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_cursor.h"

namespace msg::test {
namespace {

bool raise(Seq& mark, std::vector<Rise>& rises, Seq up_to, Time now) {
  if (up_to <= mark) return false;
  mark = up_to;
  rises.push_back({up_to, now});
  return true;
}

/// When the mark reached the seq.
std::optional<Time> reached(const std::vector<Rise>& rises, Seq seq) {
  for (const auto& rise : rises) {
    if (rise.up_to >= seq) return rise.at;
  }
  return std::nullopt;
}

}  // namespace

Result<Member> Model::mark(UserId actor, const ReceiptMark& mark) {
  if (mark.state == MessageState::sent) return refuse(Code::invalid_argument, "state");
  if (mark.up_to < Seq{1}) return refuse(Code::invalid_argument, "seq");
  MSG_TRY(const Place place, find_active_place(actor, mark.conversation));
  if (mark.up_to > place.room->last_seq()) return refuse(Code::invalid_argument, "seq");
  Room& room = rooms_.at(mark.conversation);
  RoomMember& member = room.members.at(actor);
  give(room, member, mark);
  return member.show_to(reader_of(actor));
}

/// Whether that changed anything.
bool Model::give(Room& room, RoomMember& member, const ReceiptMark& mark) {
  Member& shown = member.shown;
  const Seq up_to = mark.up_to;
  const Time now = clock_();
  const bool is_read = mark.state == MessageState::read;
  const bool is_told = reader_of(shown.user).sees_reads;
  bool is_public = raise(shown.delivered, member.delivered, up_to, now);
  if (is_public) shown.delivered_at = now;
  const bool is_own = is_read && up_to > shown.read;
  if (is_own) shown.read = up_to;
  if (is_read && is_told) {
    is_public = raise(member.told_read, member.read, up_to, now) || is_public;
  } else if (is_own) {
    member.hidden_at = now;
  }
  if (member.told_read == shown.read) member.hidden_at.reset();
  shown.read_at = member.hidden_at;
  if (!member.read.empty()) {
    shown.read_at = std::max(shown.read_at, std::optional(member.read.back().at));
  }
  const bool is_marked = is_read && member.unread_from && up_to >= *member.unread_from;
  if (is_public) {
    shown.version = room.conversation.version = stamp();
  } else if (is_own) {
    member.own_version = stamp();
  }
  if (is_marked) {
    member.unread_from.reset();
    member.own_version = stamp();
  }
  return is_public || is_own || is_marked;
}

Result<std::int64_t> Model::mark_all_read(UserId actor) {
  std::int64_t changed = 0;
  for (auto& [id, room] : rooms_) {
    if (!room.find_active(actor)) continue;
    RoomMember& member = room.members.at(actor);
    if (!member.unread_from && room.view_of(member).unread_count == 0) continue;
    if (give(room, member, {.conversation = id, .up_to = room.last_seq()})) ++changed;
  }
  return changed;
}

Result<UnreadMark> Model::mark_unread(UserId actor, ConversationId conversation, Seq from) {
  MSG_TRY(const Place place, find_active_place(actor, conversation));
  Room& room = rooms_.at(conversation);
  RoomMember& member = room.members.at(actor);
  if (from < Seq{1} || from < member.shown.visible_from || from > room.last_seq()) {
    return refuse(Code::invalid_argument, "seq");
  }
  if (from <= member.shown.read && member.unread_from != from) {
    member.unread_from = from;
    member.own_version = stamp();
  }
  return UnreadMark{.conversation = conversation,
                    .unread_from = member.unread_from,
                    .unread_count = room.view_of(*place.self).unread_count};
}

Reader Model::reader_of(UserId user) const {
  return {.user = user, .sees_reads = users_.at(user).read_receipts};
}

Result<Page<Receipt>> Model::list_receipts(UserId actor, const ReceiptsRequest& request) const {
  if (request.state == MessageState::sent) return refuse(Code::invalid_argument, "state");
  const MessageId& id = request.message;
  MSG_TRY(const int limit, page_limit(request.limit));
  UserId after{};
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers place, read_cursor(request.cursor, "receipts"));
    if (ConversationId{place.at(0)} != id.conversation) {
      return refuse(Code::invalid_argument, "cursor");
    }
    after = UserId{place.at(1)};
  }
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(const Message message, find_readable(place, id.seq));
  Page<Receipt> page{.has_prev = after != UserId{}};
  for (const auto& [user, member] : place.room->members) {
    if (user <= after) continue;
    page.has_more = page.items.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    after = user;
    if (!is_recipient_of(member, message)) continue;
    if (state_with(member, id.seq, reader_of(actor)) < request.state) continue;
    const bool is_read = request.state == MessageState::read;
    page.items.push_back({user, reached(is_read ? member.read : member.delivered, id.seq)});
  }
  page.next = make_cursor("receipts", {to_int(id.conversation), to_int(after)});
  return page;
}

Result<MessageStatus> Model::message_status(UserId actor, const MessageId& id) const {
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(const Message message, find_readable(place, id.seq));
  return place.room->status_of(message, reader_of(actor));
}

Result<Page<RecipientStatus>> Model::list_recipients(UserId actor, const MessageId& id,
                                                     const PageRequest& request) const {
  MSG_TRY(const int limit, page_limit(request.limit));
  UserId after{};
  if (!request.cursor.empty()) {
    MSG_TRY(const Numbers place, read_cursor(request.cursor, "recipients"));
    if (ConversationId{place.at(0)} != id.conversation) {
      return refuse(Code::invalid_argument, "cursor");
    }
    after = UserId{place.at(1)};
  }
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(const Message message, find_readable(place, id.seq));
  Page<RecipientStatus> page{.has_prev = after != UserId{}};
  for (const auto& [user, member] : place.room->members) {
    if (user <= after || !is_recipient_of(member, message)) continue;
    page.has_more = page.items.size() == static_cast<std::size_t>(limit);
    if (page.has_more) break;
    RecipientStatus status{.user = user, .state = state_with(member, id.seq, reader_of(actor))};
    status.delivered_at = reached(member.delivered, id.seq);
    if (status.state == MessageState::read) status.read_at = reached(member.read, id.seq);
    page.items.push_back(status);
  }
  const UserId last = page.items.empty() ? after : page.items.back().user;
  page.next = make_cursor("recipients", {to_int(id.conversation), to_int(last)});
  return page;
}

std::vector<Time> Model::times_allowed(const MessageId& id, UserId recipient,
                                       MessageState state) const {
  const RoomMember& member = rooms_.at(id.conversation).members.at(recipient);
  const auto& rises = state == MessageState::read ? member.read : member.delivered;
  // Receipts of one moment are one.
  std::vector<Time> later;
  for (const auto& rise : rises) {
    if (rise.up_to < id.seq) continue;
    if (later.empty() || later.back() != rise.at) later.push_back(rise.at);
  }
  constexpr std::size_t kExact = 32;
  if (!later.empty() && later.size() <= kExact) later.resize(1);
  return later;
}

}  // namespace msg::test
