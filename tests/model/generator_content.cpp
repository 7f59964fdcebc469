// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "model/generator.h"

namespace msg::test {
namespace {

using std::chrono::milliseconds;

}  // namespace

std::string Generator::phone() {
  if (dice_.percent(5)) {
    static const std::vector<std::string> bad{
        "", "5550100", "+1 415", "+1x5550100", "+14155550100123456", "+99912345678"};
    return dice_.pick(bad);
  }
  const std::string digits = std::to_string(5550100 + dice_.below(30));
  const std::string rest = digits.substr(3);
  switch (dice_.below(4)) {
    case 0:
      return "+1415" + digits;
    case 1:
      return "001 415 555 " + rest;
    case 2:
      return "+1 (415) 555-" + rest;
    default:
      return "+1-415.555." + rest;
  }
}

std::string Generator::username() {
  static const std::vector<std::string> bad{"",     "ab",         "Alice",
                                            "1abc", "with space", std::string(33, 'a')};
  if (dice_.percent(12)) return dice_.pick(bad);
  return "name_" + std::to_string(dice_.below(16));
}

std::string Generator::line(std::size_t max) {
  const auto die = dice_.below(100);
  if (die < 2) return "";
  if (die < 4) return "two\nlines";
  if (die < 6) return "no text \xFF";
  if (die < 8) return std::string(max + 1, 'x');
  if (die < 12) return std::string(max, 'y');
  // Titles come back now and then, so that renaming may change nothing.
  std::string text = "t" + std::to_string(dice_.below(40));
  if (die < 30) text += "\u00e9\u6f22\U0001F600";
  return text;
}

std::string Generator::content() {
  const auto die = dice_.below(200);
  if (die == 0) return "";
  if (die == 1) return std::string(limits_.content_bytes_max + 1, 'c');
  if (die == 2) return "bad \xFF bytes";
  if (die == 3) return std::string("a\0b", 3);
  if (die == 4) return std::string(limits_.content_bytes_max, 'c');
  std::string text = "text " + std::to_string(++texts_);
  if (die < 20) return text + " \u00e9\u6f22\U0001F600\nand 'more'; \"lines\"";
  if (die < 60) return text + std::string(static_cast<std::size_t>(dice_.below(900)), '.');
  return text;
}

Send Generator::send() {
  Send op;
  const bool is_many = dice_.percent(12);
  const auto count = is_many ? dice_.between(2, dice_.percent(30) ? 40 : 8) : 1;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool again = !op.drafts.empty() && dice_.percent(6);
    op.drafts.push_back(again ? dice_.pick(op.drafts) : draft());
  }
  return op;
}

Draft Generator::draft() {
  const ConversationId in = room();
  const Room* room = find_room(in);
  if (room && !room->messages.empty() && dice_.percent(8)) {
    Draft earlier = dice_.pick(room->drafts);
    if (dice_.percent(20)) earlier.content += '!';
    if (dice_.percent(5)) earlier.timestamp = now_;
    return earlier;
  }
  Draft draft{.conversation = in, .sender = actor_in(in), .content = content()};
  if (dice_.percent(10)) draft.kind = static_cast<MessageKind>(dice_.below(13));
  if (dice_.percent(15)) draft.reply_to = seq_in(in);
  if (dice_.percent(15)) draft.timestamp = now_ - milliseconds{dice_.below(1000)};
  if (dice_.percent(1)) draft.timestamp = Time{} - milliseconds{1};
  const auto die = dice_.below(100);
  if (die < 50) draft.client_id = "id " + std::to_string(texts_);
  if (die < 10) draft.client_id = "id " + std::to_string(dice_.below(6));
  if (die == 50) draft.client_id = std::string(limits_.client_id_bytes_max + 1, 'i');
  if (die == 51) draft.client_id = "tab\t";
  return draft;
}

/// Mostly of a message of the actor's own.
Operation Generator::make_change() {
  const ConversationId in = room();
  const Room* room = find_room(in);
  const MessageId id{in, seq_in(in)};
  // One message is edited more often than its revisions are kept.
  const Room* first = find_room(ConversationId{1});
  if (first && !first->messages.empty() && dice_.percent(30)) {
    return EditMessage{first->messages.front().sender, {first->messages.front().id, content()}};
  }
  const auto index = static_cast<std::size_t>(to_int(id.seq)) - 1;
  const bool exists = room && index < room->messages.size();
  const UserId sender = exists ? room->messages[index].sender : actor_in(in);
  const UserId actor = dice_.percent(85) ? sender : actor_in(in);
  if (dice_.percent(50)) return make_annotation(id);
  switch (dice_.below(9)) {
    case 0:
      return ListRevisions{actor_in(in), id};
    case 1:
      return DeleteMessage{actor, id};
    case 2:
      return DeleteMessage{admin_in(in), id};
    default: {
      const bool is_same = exists && dice_.percent(8);
      return EditMessage{actor, {id, is_same ? room->messages[index].content : content()}};
    }
  }
}

Operation Generator::make_annotation(const MessageId& of) {
  static const std::vector<std::string> emojis{"👍", "👍", "❤️", "😀", "+1"};
  // On a few messages there is more than they may have.
  const bool is_popular = has_rooms() && dice_.percent(40);
  const MessageId id = is_popular ? MessageId{ConversationId{1}, Seq{dice_.between(1, 5)}} : of;
  const UserId actor = actor_in(id.conversation);
  if (dice_.percent(35)) {
    const UserId pinning = dice_.percent(75) ? admin_in(id.conversation) : actor;
    return PinMessage{pinning, id, dice_.percent(30)};
  }
  if (dice_.percent(6)) return React{actor, {id, dice_.percent(50) ? "" : "a b"}, false};
  const std::string kind = "kind" + std::to_string(dice_.below(12));
  return React{actor, {id, is_popular ? kind : dice_.pick(emojis)}, dice_.percent(30)};
}

Mark Generator::mark() {
  // One who reads every few messages has a long history of receipts.
  const bool is_diligent = dice_.percent(35);
  const ConversationId in = is_diligent ? ConversationId{dice_.between(1, 2)} : room();
  static const std::array states{MessageState::delivered, MessageState::read, MessageState::read,
                                 MessageState::delivered, MessageState::sent};
  const auto state =
      dice_.percent(97) ? states.at(static_cast<std::size_t>(dice_.below(4))) : states.back();
  const Room* room = find_room(in);
  const UserId actor = room && is_diligent ? room->members.begin()->first : actor_in(in);
  const auto* member = room ? room->find_active(actor) : nullptr;
  Mark op{.actor = actor, .mark = {in, state, seq_in(in)}};
  if (member && (is_diligent || dice_.percent(60))) {
    const auto from = state == MessageState::read ? member->shown.read : member->shown.delivered;
    op.mark.up_to = Seq{to_int(from) + dice_.between(1, 3)};
  }
  return op;
}

Time Generator::time_in(ConversationId conversation) {
  const auto die = dice_.below(100);
  if (die < 6) return Time{} - milliseconds{5};
  if (die < 9) return now_ + std::chrono::hours{24 * 365 * 9000};
  const Room* room = find_room(conversation);
  if (!room || room->messages.empty() || die < 15) return now_ - milliseconds{dice_.below(60'000)};
  return dice_.pick(room->messages).created_at + milliseconds{dice_.between(-1, 1)};
}

void Generator::choose_dates(HistoryRequest& request) {
  const auto die = dice_.below(3);
  if (die != 0) request.from = time_in(request.conversation);
  if (die != 1) request.to = time_in(request.conversation);
  const bool swapped = request.from && request.to && *request.from > *request.to;
  if (swapped && dice_.percent(80)) std::swap(request.from, request.to);
}

History Generator::history() {
  const ConversationId in = room();
  History op{.actor = actor_in(in), .request = {.conversation = in, .limit = limit()}};
  if (dice_.percent(50)) op.request.order = Order::oldest_first;
  if (dice_.percent(35)) choose_dates(op.request);
  switch (dice_.below(8)) {
    case 0:
      op.request.before = seq_in(in);
      break;
    case 1:
      op.request.after = seq_in(in);
      break;
    case 2:
      op.request.around = seq_in(in);
      break;
    case 3:
      break;
    default:
      op.cursor = cursor("history " + std::to_string(to_int(in)));
  }
  if (dice_.percent(2)) op.request.before = seq_in(in);
  if (dice_.percent(4)) op.request.before = Seq{-1};
  if (dice_.percent(4)) op.request.after = Seq{-1};
  return op;
}

/// Another's cursor is as good as one's own, but for those in the middle of paging.
Sync Generator::sync() {
  const UserId actor = user();
  const bool is_own = dice_.percent(90);
  return {actor, paging(is_own ? "sync " + std::to_string(to_int(actor)) : "sync")};
}

}  // namespace msg::test
