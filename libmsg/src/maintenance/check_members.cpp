// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_members.h"

#include <algorithm>

#include "maintenance/describe.h"

namespace msg {
namespace {

using std::to_string;

std::string words_of(Seq seq) {
  return to_string(to_int(seq));
}

std::string words_of(const MemberRow& row) {
  return msg::words_of(row.user) + " in " + msg::words_of(row.conversation);
}

/// The history of a watermark ends where the mark is.
void check_runs(const MemberRow& row, std::string_view what, const std::vector<ReceiptRun>& runs,
                Seq mark, Findings& findings) {
  const std::string who = words_of(row) + ": the times of its \"" + std::string(what) + "\" mark ";
  if (runs.size() > kReceiptRunsMax) findings.add(who + "are more than the library keeps.");
  const auto rises = [](const ReceiptRun& a, const ReceiptRun& b) { return a.up_to >= b.up_to; };
  if (std::ranges::adjacent_find(runs, rises) != runs.end()) findings.add(who + "do not rise.");
  const Seq reached = runs.empty() ? last_before_joining(row) : runs.back().up_to;
  if (reached != mark) {
    findings.add(who + "end at " + words_of(reached) + ", the mark is " + words_of(mark) + ".");
  }
}

void check_marks(const MemberRow& row, const ConversationRow& head, Findings& findings) {
  const std::string who = words_of(row) + ": ";
  const Seq before = Seq{to_int(row.visible_from) - 1};
  const Seq last = row.visible_until.value_or(head.last_seq);
  if (to_int(before) < 0 || before > head.last_seq) {
    findings.add(who + "it reads from message " + words_of(row.visible_from) +
                 " on, the newest is " + words_of(head.last_seq) + ".");
  }
  if (row.active == row.visible_until.has_value()) {
    findings.add(who + (row.active ? "it is active, but reads up to some message only."
                                   : "it is a former member, but reads without an end."));
  }
  if (last > head.last_seq) {
    findings.add(who + "it reads up to message " + words_of(last) + ", the newest is " +
                 words_of(head.last_seq) + ".");
  }
  if (row.delivered > std::min(last, head.last_seq)) {
    findings.add(who + "message " + words_of(row.delivered) +
                 " was delivered to it, the newest it may read is " +
                 words_of(std::min(last, head.last_seq)) + ".");
  }
  if (row.read > row.delivered) {
    findings.add(who + "it read up to message " + words_of(row.read) + ", delivered is " +
                 words_of(row.delivered) + ".");
  }
  if (row.joined_after != Seq{} && row.joined_after <= before) {
    findings.add(who + "it joined after message " + words_of(row.joined_after) +
                 ", and reads from a later one on.");
  }
  if (row.read < last_before_joining(row)) {
    findings.add(who + "its \"read\" mark " + words_of(row.read) + " is below where it joined.");
  }
}

void check_own(const MemberRow& row, const Horizon& horizon, Findings& findings) {
  const std::string who = words_of(row) + ": ";
  const MemberOwn& own = row.own;
  const Seq before = Seq{to_int(row.visible_from) - 1};
  if (own.unread_from && (*own.unread_from <= before || *own.unread_from > row.read)) {
    findings.add(who + "it is marked unread from message " + words_of(*own.unread_from) +
                 ", which is not one that it read.");
  }
  if (own.shown_read &&
      (*own.shown_read < last_before_joining(row) || *own.shown_read >= row.read)) {
    findings.add(who + "others are shown that it read up to " + words_of(*own.shown_read) +
                 ", it did up to " + words_of(row.read) + ".");
  }
  if (!horizon.sees({own.version, own.writer})) {
    findings.add(who + "the version of its own is above the newest of the store.");
  }
}

}  // namespace

void check_member(const Stamped<MemberRow>& member, const ConversationRow& head,
                  const Horizon& horizon, Findings& findings) {
  const MemberRow& row = member.row;
  check_marks(row, head, findings);
  check_runs(row, "delivered", row.delivered_runs, row.delivered, findings);
  check_runs(row, "read", row.read_runs, row.own.shown_read.value_or(row.read), findings);
  check_own(row, horizon, findings);
  if (row.version > head.version) {
    findings.add(words_of(row) + ": its version is above that of the conversation.");
  }
  if (!horizon.sees({row.version, member.writer})) {
    findings.add(words_of(row) + ": its version is above the newest of the store.");
  }
}

void check_member_counts(const ConversationRow& head, const MemberCounts& members,
                         Findings& findings) {
  std::int64_t active = 0;
  std::int64_t owners = 0;
  for (const auto& [user, member] : members) {
    const MemberRow& row = member.stored.row;
    active += row.active ? 1 : 0;
    owners += row.active && row.role == Role::owner ? 1 : 0;
  }
  const std::string who = msg::words_of(head.id) + ": ";
  if (head.member_count != active) {
    findings.add(who + "the head counts " + to_string(head.member_count) + " members, there are " +
                 to_string(active) + ".");
  }
  if (head.owner_count != owners) {
    findings.add(who + "the head counts " + to_string(head.owner_count) + " owners, there are " +
                 to_string(owners) + ".");
  }
  if (head.kind != ConversationKind::direct) return;
  const bool are_members = members.contains(head.direct_low) && members.contains(head.direct_high);
  const std::int64_t wanted = head.direct_low == head.direct_high ? 1 : 2;
  if (!are_members || active != wanted || head.direct_low > head.direct_high) {
    findings.add(who + "its members are not the two users of this direct conversation.");
  }
}

void check_sent_counts(const ConversationRow& head, const MemberCounts& members,
                       Findings& findings) {
  for (const auto& [user, member] : members) {
    const MemberRow& row = member.stored.row;
    const auto in_head = std::ranges::find(head.senders, user, &SenderCount::user);
    const std::int64_t counted = in_head != head.senders.end() ? in_head->count : row.sent_count;
    if (counted != member.sent) {
      findings.add(words_of(row) + ": counted as the sender of " + to_string(counted) +
                   " messages, there are " + to_string(member.sent) + ".");
    }
    if (row.sent_count_at_read != member.sent_up_to_read) {
      findings.add(words_of(row) + ": its unread count takes " + to_string(row.sent_count_at_read) +
                   " own messages up to " + words_of(row.read) + " for granted, there are " +
                   to_string(member.sent_up_to_read) + ".");
    }
  }
  for (const SenderCount& sender : head.senders) {
    if (members.contains(sender.user)) continue;
    findings.add(msg::words_of(head.id) + ": the head counts messages of " +
                 msg::words_of(sender.user) + ", who is no member.");
  }
}

}  // namespace msg
