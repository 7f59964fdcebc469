// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_cursor.h"

namespace msg::test {
namespace {

void raise(Seq& mark, std::optional<Time>& at, std::vector<Rise>& rises, Seq up_to, Time now) {
  if (up_to <= mark) return;
  mark = up_to;
  at = now;
  rises.push_back({up_to, now});
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
  const bool is_news =
      mark.up_to > (mark.state == MessageState::read ? member.shown.read : member.shown.delivered);
  if (!is_news) return member.shown;
  const Time now = clock_();
  raise(member.shown.delivered, member.shown.delivered_at, member.delivered, mark.up_to, now);
  if (mark.state == MessageState::read) {
    raise(member.shown.read, member.shown.read_at, member.read, mark.up_to, now);
  }
  member.shown.version = room.conversation.version = stamp();
  return member.shown;
}

Result<MessageStatus> Model::message_status(UserId actor, const MessageId& id) const {
  MSG_TRY(const Place place, find_active_place(actor, id.conversation));
  MSG_TRY(const Message message, find_readable(place, id.seq));
  return place.room->status_of(message);
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
    page.items.push_back({.user = user,
                          .state = state_with(member, id.seq),
                          .delivered_at = reached(member.delivered, id.seq),
                          .read_at = reached(member.read, id.seq)});
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
