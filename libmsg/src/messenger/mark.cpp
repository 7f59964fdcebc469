// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "messenger/impl.h"
#include "messenger/own.h"
#include "messenger/receipts.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// What giving receipts depends on beyond them.
struct Giving {
  std::int64_t fanout_members_max{};
  std::size_t writer{};
};

UnreadMark unread_mark(const ConversationRow& conversation, const MemberRow& row) {
  return {.conversation = row.conversation,
          .unread_from = row.own.unread_from,
          .unread_count = count_unread(conversation, row)};
}

std::unexpected<Error> no_receipt_beyond() {
  return fail(Code::invalid_argument, "There is no message of that seq to give a receipt for.",
              "seq");
}

std::unexpected<Error> no_unread_from() {
  return fail(Code::invalid_argument,
              "A conversation is marked unread from a message that you may read, at most " +
                  std::to_string(kUnreadBackMax) + " before what you have read.",
              "seq");
}

/// Own messages among first..last.
Result<std::int64_t> count_own(Snapshot& rows, const MemberRow& member, std::int64_t first,
                               std::int64_t last) {
  constexpr int kPage = 256;
  std::int64_t count = 0;
  while (first <= last) {
    MSG_TRY(const auto page, rows.list_messages(member.conversation, Seq{first}, Seq{last}, kPage,
                                                Order::oldest_first));
    if (page.empty()) break;
    count += std::ranges::count(page, member.user, &Message::sender);
    first = to_int(page.back().id.seq) + 1;
  }
  return count;
}

/// Own messages among those up to `read`, from what is known at the old mark or at the head,
/// whichever is nearer. Reading everything scans nothing, and reading on scans what was read.
Result<std::int64_t> sent_count_at(Batch& batch, const ConversationRow& conversation,
                                   const MemberRow& member, Seq read) {
  const std::int64_t target = to_int(read);
  const std::int64_t old = to_int(member.read);
  const std::int64_t head = to_int(conversation.last_seq);
  const std::int64_t total = sent_count(conversation, member);
  // All that is unread may be others': then there is nothing to count.
  if (total == member.sent_count_at_read) return total;
  if (head - target <= target - old) {
    MSG_TRY(const auto after, count_own(batch.rows(), member, target + 1, head));
    return total - after;
  }
  MSG_TRY(const auto between, count_own(batch.rows(), member, old + 1, target));
  return member.sent_count_at_read + between;
}

/// Whether others are to know of what this receipt says was read.
Result<bool> is_told(Batch& batch, const MemberRow& member, const ReceiptMark& mark) {
  if (mark.state != MessageState::read || mark.up_to <= shown_read(member)) return true;
  MSG_TRY(const Reader reader, load_reader(batch.rows(), member.user));
  return reader.sees_reads;
}

/// Tells of a receipt; of reading that others are not to know of, its own user only.
void emit_receipt(Batch& batch, const MemberRow& row, const Raised& raised, bool to_everyone) {
  const bool is_public = raised.delivered || raised.shown;
  if (!is_public && !raised.read) return;
  const bool is_split = raised.read && !raised.shown;
  const auto emit = [&](const Member& member) -> Event& {
    return batch.emit(
        row.conversation, member.version,
        ReceiptEvent{
            .member = member, .to_everyone = to_everyone, .delivered_rose = raised.delivered});
  };
  if (!is_split && !has_secrets(row)) {
    emit(to_member(row));
    return;
  }
  emit(to_member(row)).only_for = row.user;
  if (is_public && to_everyone) emit(to_member(row, {})).not_for = row.user;
}

void emit_unread(Batch& batch, const ConversationRow& conversation, const MemberRow& row) {
  batch
      .emit(row.conversation, row.own.version,
            UnreadEvent{.user = row.user, .mark = unread_mark(conversation, row)})
      .only_for = row.user;
}

struct Advanced {
  Member member;
  bool is_changed{false};
};

Result<Advanced> advance(Batch& batch, UserId actor, const ReceiptMark& mark,
                         const Giving& giving) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(mark.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(mark.conversation, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(may(Act::look, *conversation, *member));
  if (mark.up_to > conversation->last_seq) return no_receipt_beyond();

  MSG_TRY(const bool told, is_told(batch, *member, mark));
  MemberRow row = *member;
  const Raised raised = raise_marks(row, mark.state, mark.up_to, batch.now(), told);
  if (!raised) return Advanced{.member = to_member(*member)};
  if (raised.read) {
    MSG_TRY(row.sent_count_at_read, sent_count_at(batch, *conversation, *member, row.read));
    std::erase_if(row.mentions, [&](Seq seq) { return seq <= row.read; });
  }
  if (raised.delivered || raised.shown) {
    row.version = conversation->version =
        batch.next_version_above(std::max(conversation->version, row.own.version));
    batch.changed(*conversation);
  } else if (raised.read) {
    stamp_own(batch, *conversation, row, giving.writer);
  }
  const bool to_everyone = conversation->member_count <= giving.fanout_members_max;
  emit_receipt(batch, row, raised, to_everyone);
  if (raised.unread) {
    stamp_own(batch, *conversation, row, giving.writer);
    emit_unread(batch, *conversation, row);
  }
  *member = std::move(row);
  batch.changed(*member);
  return Advanced{.member = to_member(*member), .is_changed = true};
}

Result<void> check_mark(const ReceiptMark& mark) {
  if (mark.state == MessageState::sent) {
    return fail(Code::invalid_argument, "A receipt says delivered or read.", "state");
  }
  if (to_int(mark.up_to) < 1) return no_receipt_beyond();
  return {};
}

WorkHint hint_of(UserId actor, const ReceiptMark& mark) {
  return {.touch = Touch{.conversation = mark.conversation,
                         .user = actor,
                         .asks_user = mark.state == MessageState::read}};
}

/// What of an answer matters when many receipts are given at once: who left since has nothing to
/// read.
bool is_gone(const Error& error) {
  return error.code == Code::permission_denied || error.code == Code::not_found;
}

/// Up to the newest message, where that says something new.
std::optional<ReceiptMark> wanted_mark(const Standing& standing) {
  const auto& [conversation, member] = std::tie(standing.conversation, standing.member);
  const bool is_unread = member.own.unread_from || count_unread(conversation, member) > 0;
  if (!member.active || !is_unread || conversation.last_seq == Seq{}) return std::nullopt;
  return ReceiptMark{.conversation = conversation.id, .up_to = conversation.last_seq};
}

Result<UnreadMark> put_unread(Batch& batch, UserId actor, const UnreadMark& wanted,
                              std::int64_t sent_before, std::size_t writer) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(wanted.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(wanted.conversation, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(may(Act::look, *conversation, *member));
  const Seq from = *wanted.unread_from;
  if (!readable(*conversation, *member).has(from)) return no_unread_from();
  if (from > member->read || from == member->own.unread_from) {
    return unread_mark(*conversation, *member);
  }
  member->own.unread_from = from;
  member->own.sent_count_before_unread = sent_before;
  stamp_own(batch, *conversation, *member, writer);
  batch.changed(*member);
  emit_unread(batch, *conversation, *member);
  return unread_mark(*conversation, *member);
}

}  // namespace

void Messenger::mark_async(UserId actor, const ReceiptMark& mark, Completion<Member> done) {
  if (auto checked = check_mark(mark); !checked) {
    return done(std::unexpected(std::move(checked).error()));
  }
  impl_->committer.submit<Member>(
      [=, giving = Giving{impl_->options.limits.receipt_fanout_members_max,
                          impl_->store->identity().writer}](Batch& batch) -> Result<Member> {
        MSG_TRY(const auto advanced, advance(batch, actor, mark, giving));
        return advanced.member;
      },
      std::move(done), hint_of(actor, mark));
}

Result<Member> Messenger::mark(UserId actor, const ReceiptMark& mark) {
  MSG_CHECK(check_mark(mark));
  MSG_TRY(const auto advanced,
          impl_->committer.run<Advanced>(
              [=, giving = Giving{impl_->options.limits.receipt_fanout_members_max,
                                  impl_->store->identity().writer}](Batch& batch) {
                return advance(batch, actor, mark, giving);
              },
              hint_of(actor, mark)));
  return advanced.member;
}

Result<std::int64_t> Messenger::mark_all_read(UserId actor) {
  constexpr int kPage = 256;
  std::int64_t changed = 0;
  const Giving giving{.fanout_members_max = impl_->options.limits.receipt_fanout_members_max,
                      .writer = impl_->store->identity().writer};
  for (ConversationId after{};;) {
    std::vector<Standing> standings;
    {
      // Let go before writing: a view that is held keeps the store from tidying up.
      MSG_TRY(const auto snapshot, impl_->store->snapshot());
      MSG_TRY(standings, snapshot->list_standings(actor, after, kPage));
    }
    if (standings.empty()) return changed;
    std::vector<Result<Advanced>> outcomes(standings.size(), Advanced{});
    Awaited awaited;  // ends before the outcomes
    for (std::size_t i = 0; i < standings.size(); ++i) {
      const auto mark = wanted_mark(standings[i]);
      if (!mark) continue;
      outcomes[i] = Committer::unfinished();
      auto round = impl_->committer.submit_awaited<Advanced>(
          [=](Batch& batch) { return advance(batch, actor, *mark, giving); }, outcomes[i],
          hint_of(actor, *mark));
      if (round) awaited.last = std::move(round);
    }
    awaited.wait();
    for (const auto& outcome : outcomes) {
      if (!outcome && !is_gone(outcome.error())) return std::unexpected(outcome.error());
      if (outcome && outcome->is_changed) ++changed;
    }
    after = standings.back().membership.conversation;
  }
}

Result<UnreadMark> Messenger::mark_unread(UserId actor, ConversationId conversation, Seq from) {
  std::int64_t sent_before = 0;
  {
    // Counted here, not on the thread that writes: what was sent before a message never changes.
    MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
    MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
    MSG_CHECK(may(Act::look, access.conversation, access.self));
    const MemberRow& self = access.self;
    if (to_int(from) < 1 || from < access.first_seq() || from > access.last_seq()) {
      return no_unread_from();
    }
    if (from > self.read) return unread_mark(access.conversation, self);
    if (to_int(self.read) - to_int(from) >= kUnreadBackMax) return no_unread_from();
    MSG_TRY(const auto sent_since, count_own(*snapshot, self, to_int(from), to_int(self.read)));
    sent_before = self.sent_count_at_read - sent_since;
  }
  const UnreadMark wanted{.conversation = conversation, .unread_from = from};
  return impl_->committer.run<UnreadMark>(
      [=, writer = impl_->store->identity().writer](Batch& batch) {
        return put_unread(batch, actor, wanted, sent_before, writer);
      },
      {.touch = Touch{conversation, actor, {}}});
}

}  // namespace msg
