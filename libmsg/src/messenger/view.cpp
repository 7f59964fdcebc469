// SPDX-License-Identifier: Apache-2.0
#include "messenger/view.h"

#include <algorithm>
#include <iterator>

#include "messenger/personal.h"
#include "messenger/receipts.h"

namespace msg {

std::unexpected<Error> no_such_conversation() {
  return fail(Code::not_found, "There is no such conversation.", "conversation_id");
}

std::unexpected<Error> no_such_message() {
  return fail(Code::not_found, "There is no such message.", "message_id");
}

Conversation to_conversation(const ConversationRow& row) {
  Conversation conversation{.id = row.id,
                            .kind = row.kind,
                            .title = row.title,
                            .direct_users = {},
                            .created_by = row.created_by,
                            .created_at = row.created_at,
                            .last_seq = row.last_seq,
                            .member_count = row.member_count,
                            .rules = row.rules,
                            .awaits = {},
                            .version = row.version};
  if (row.kind == ConversationKind::direct) {
    conversation.direct_users = {row.direct_low};
    if (row.direct_high != row.direct_low) conversation.direct_users.push_back(row.direct_high);
    if (row.direct.awaits_low) conversation.awaits = row.direct_low;
    if (row.direct.awaits_high) conversation.awaits = row.direct_high;
  }
  return conversation;
}

namespace {

std::optional<Time> latest(const std::vector<ReceiptRun>& runs) {
  return runs.empty() ? std::optional<Time>() : runs.back().at;
}

}  // namespace

Member to_member(const MemberRow& row) {
  return {.conversation = row.conversation,
          .user = row.user,
          .role = row.role,
          .active = row.active,
          .visible_from = row.visible_from,
          .visible_until = row.visible_until,
          .delivered = row.delivered,
          .read = row.read,
          .delivered_at = latest(row.delivered_runs),
          .read_at = std::max(latest(row.read_runs), row.own.hidden_read_at),
          .joined_at = row.joined_at,
          .version = std::max(row.version, row.own.version)};
}

Member to_member(const MemberRow& row, const Reader& reader) {
  Member member = to_member(row);
  if (row.user == reader.user) return member;
  member.version = row.version;
  member.read = reader.sees_reads ? shown_read(row) : Seq{};
  member.read_at = reader.sees_reads ? latest(row.read_runs) : std::nullopt;
  return member;
}

bool has_secrets(const MemberRow& row) {
  return row.own.shown_read || row.own.version > row.version;
}

Result<Reader> load_reader(Snapshot& snapshot, UserId user) {
  MSG_TRY(const auto found, snapshot.find_user(user));
  return Reader{.user = user, .sees_reads = !found || found->read_receipts};
}

Result<Reader> make_reader(Snapshot& snapshot, const Access& access) {
  const UserId user = access.self.user;
  if (access.read_receipts) return Reader{.user = user, .sees_reads = *access.read_receipts};
  return load_reader(snapshot, user);
}

Access make_access(ConversationRow conversation, MemberRow self) {
  Access access{std::move(conversation), std::move(self), {}};
  if (!access.self.active) {
    access.conversation.title.clear();
    access.conversation.rules = {};
    access.conversation.member_count = 0;
    access.conversation.last_seq = access.last_seq();
    access.conversation.version = access.self.version;
  }
  return access;
}

Result<Access> load_access(Snapshot& snapshot, UserId actor, ConversationId conversation) {
  MSG_TRY(auto found, snapshot.find_participation(conversation, actor));
  if (!found) return no_such_conversation();
  const auto read_receipts = found->read_receipts;
  Access access = make_access(std::move(found->conversation), std::move(found->member));
  access.read_receipts = read_receipts;
  return access;
}

Result<Message> load_visible(Snapshot& snapshot, const Access& access, const MessageId& id) {
  if (!readable(access.conversation, access.self).has(id.seq)) return no_such_message();
  MSG_TRY(auto message, snapshot.find_message(id));
  if (!message) return no_such_message();
  MSG_CHECK(rewind(snapshot, access, *message));
  hide_from(*message, access.self.user);
  return *std::move(message);
}

Result<void> rewind(Snapshot& snapshot, const Access& access, Message& message) {
  const Version left = access.self.version;
  if (access.self.active || message.deleted || message.changed.value_or(left) <= left) return {};
  message.reactions.clear();
  if (message.pin && message.pin->version > left) message.pin.reset();
  message.changed.reset();
  if (!message.edited_at) return {};
  MSG_TRY(const auto row, snapshot.find_revisions(message.id));
  if (!row || row->revisions.empty()) {
    return fail(Code::corrupt, "An edited message has no revisions.");
  }
  const auto& revisions = row->revisions;
  const auto later = std::ranges::find_if(
      revisions, [&](const Revision& revision) { return revision.version > left; });
  if (later == revisions.end()) {
    message.changed = revisions.back().version;
    return {};
  }
  message.content = row->dropped_up_to > left ? std::string() : later->content;
  message.edited_at.reset();
  if (later != revisions.begin()) {
    message.changed = std::prev(later)->version;
    message.edited_at = std::prev(later)->at;
  } else if (row->dropped_up_to != Version{} && row->dropped_up_to <= left) {
    message.changed = row->dropped_up_to;
    message.edited_at = time_of(row->dropped_up_to);
  }
  return {};
}

std::int64_t sent_count(const ConversationRow& conversation, const MemberRow& member) {
  const auto in_head = std::ranges::find(conversation.senders, member.user, &SenderCount::user);
  return in_head != conversation.senders.end() ? in_head->count : member.sent_count;
}

void hide_from(Message& message, UserId reader) {
  if (message.sender == reader) return;
  message.client_id.clear();
  if (message.forward) message.forward->origin.reset();
}

std::vector<Seq> readable_pins(const Access& access) {
  if (!access.self.active) return {};
  std::vector<Seq> pins = access.conversation.pins;
  std::erase_if(pins, [&](Seq seq) { return seq < access.first_seq(); });
  return pins;
}

std::optional<MessageId> last_message_id(const Access& access) {
  const Seq last = access.last_seq();
  if (last < access.first_seq() || last == Seq{}) return std::nullopt;
  return MessageId{.conversation = access.conversation.id, .seq = last};
}

Result<ConversationView> load_view(Snapshot& snapshot, const Access& access) {
  std::optional<Message> last_message;
  if (const auto id = last_message_id(access)) {
    MSG_TRY(last_message, snapshot.find_message(*id));
    if (last_message) {
      MSG_CHECK(rewind(snapshot, access, *last_message));
      MSG_CHECK(take_out_hidden(snapshot, access, {&*last_message, 1}));
    }
  }
  return make_view(access, std::move(last_message));
}

ConversationView make_view(const Access& access, std::optional<Message> last_message) {
  ConversationView view{.conversation = to_conversation(access.conversation),
                        .self = to_member(access.self),
                        .last_message = std::move(last_message),
                        .unread_count = count_unread(access.conversation, access.self),
                        .mention_count = static_cast<std::int64_t>(access.self.mentions.size()),
                        .pinned = readable_pins(access),
                        .unread_from = access.self.own.unread_from,
                        .preferences = access.self.own.preferences};
  if (view.last_message) hide_from(*view.last_message, access.self.user);
  return view;
}

std::int64_t count_unread(const ConversationRow& conversation, const MemberRow& member) {
  std::int64_t before = to_int(member.read);
  std::int64_t sent_before = member.sent_count_at_read;
  if (member.own.unread_from) {
    before = to_int(*member.own.unread_from) - 1;
    sent_before = member.own.sent_count_before_unread;
  }
  // Whoever left counts what was unread then; own messages can only be counted up to today, and
  // a former member sends none.
  const auto own = sent_count(conversation, member) - sent_before;
  const Seq last = readable(conversation, member).last;
  return std::max<std::int64_t>(to_int(last) - before - own, 0);
}

}  // namespace msg
