// SPDX-License-Identifier: Apache-2.0
#include "messenger/receipts.h"

#include <algorithm>

namespace msg {
namespace {

/// Adds a run. When there are too many, the oldest goes: its messages then take the time of the run
/// behind it, "no later than", and the latest kReceiptRunsMax receipts keep their own.
void add_run(std::vector<ReceiptRun>& runs, Seq up_to, Time at) {
  if (!runs.empty() && runs.back().at == at) {
    runs.back().up_to = up_to;
    return;
  }
  if (runs.size() == kReceiptRunsMax) runs.erase(runs.begin());
  runs.push_back({up_to, at});
}

bool raise(Seq& mark, std::vector<ReceiptRun>& runs, Seq up_to, Time now) {
  if (up_to <= mark) return false;
  mark = up_to;
  add_run(runs, up_to, now);
  return true;
}

/// The peer of a direct conversation; all members of a group, the reader too.
template <class Visit>
Result<void> for_each_peer(Snapshot& snapshot, const Access& reader, const Visit& visit) {
  const ConversationRow& conversation = reader.conversation;
  if (conversation.kind == ConversationKind::direct) {
    const bool is_low = conversation.direct_low == reader.self.user;
    const UserId peer = is_low ? conversation.direct_high : conversation.direct_low;
    MSG_TRY(const auto member, snapshot.find_member(conversation.id, peer));
    if (member) visit(*member);
    return {};
  }
  constexpr int kPage = 1000;
  for (UserId after{};;) {
    MSG_TRY(const auto members, snapshot.list_members(conversation.id, after, kPage));
    for (const auto& member : members) visit(member);
    if (members.size() < kPage) return {};
    after = members.back().user;
  }
}

}  // namespace

Raised raise_marks(MemberRow& member, MessageState state, Seq up_to, Time now, bool is_told) {
  MemberOwn& own = member.own;
  Raised raised{.delivered = raise(member.delivered, member.delivered_runs, up_to, now)};
  if (state != MessageState::read) return raised;
  Seq shown = shown_read(member);
  raised.read = up_to > member.read;
  member.read = std::max(member.read, up_to);
  if (is_told) {
    raised.shown = raise(shown, member.read_runs, up_to, now);
  } else if (raised.read) {
    own.hidden_read_at = now;
  }
  own.shown_read = shown < member.read ? std::optional(shown) : std::nullopt;
  if (!own.shown_read) own.hidden_read_at.reset();
  raised.unread = own.unread_from && up_to >= *own.unread_from;
  if (raised.unread) {
    own.unread_from.reset();
    own.sent_count_before_unread = 0;
  }
  return raised;
}

Seq shown_read(const MemberRow& member) {
  return member.own.shown_read.value_or(member.read);
}

MessageState state_for(const MemberRow& member, Seq seq, const Reader& reader) {
  const bool is_own = member.user == reader.user;
  const Seq read = is_own ? member.read : shown_read(member);
  if (read >= seq && (is_own || reader.sees_reads)) return MessageState::read;
  return member.delivered >= seq ? MessageState::delivered : MessageState::sent;
}

std::optional<Time> reached_at(const std::vector<ReceiptRun>& runs, Seq seq) {
  const auto run = std::ranges::lower_bound(runs, seq, {}, &ReceiptRun::up_to);
  return run == runs.end() ? std::optional<Time>() : run->at;
}

bool is_recipient(const MemberRow& member, Seq seq, UserId sender) {
  return member.active && member.user != sender && seq > last_before_joining(member);
}

Result<void> fill_states(Snapshot& snapshot, const Access& reader, std::vector<Message>& messages) {
  const UserId user = reader.self.user;
  std::vector<Message*> own;
  for (auto& message : messages) {
    if (message.sender == user) own.push_back(&message);
  }
  if (own.empty()) return {};
  // Minimum over the recipients; a message that nobody receives stays "sent".
  std::vector<std::optional<MessageState>> lowest(own.size());
  MSG_TRY(const Reader told, make_reader(snapshot, reader));
  MSG_CHECK(for_each_peer(snapshot, reader, [&](const MemberRow& member) {
    for (std::size_t i = 0; i < own.size(); ++i) {
      const Seq seq = own[i]->id.seq;
      if (!is_recipient(member, seq, user)) continue;
      const auto state = state_for(member, seq, told);
      lowest[i] = std::min(lowest[i].value_or(state), state);
    }
  }));
  for (std::size_t i = 0; i < own.size(); ++i) {
    own[i]->state = lowest[i].value_or(MessageState::sent);
  }
  return {};
}

}  // namespace msg
