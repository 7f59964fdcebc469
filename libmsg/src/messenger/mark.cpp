// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/impl.h"
#include "messenger/paging.h"
#include "messenger/receipts.h"
#include "messenger/view.h"

namespace msg {
namespace {

std::unexpected<Error> no_receipt_beyond() {
  return fail(Code::invalid_argument, "There is no message of that seq to give a receipt for.",
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

Result<Member> advance(Batch& batch, UserId actor, const ReceiptMark& mark,
                       std::int64_t fanout_members_max) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(mark.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(MemberRow* const member, batch.find_member(mark.conversation, actor));
  if (!member) return no_such_conversation();
  MSG_CHECK(require_active(*member));
  if (mark.up_to > conversation->last_seq) return no_receipt_beyond();

  MemberRow raised = *member;
  if (!raise_marks(raised, mark.state, mark.up_to, batch.now())) return to_member(*member);
  if (raised.read != member->read) {
    MSG_TRY(raised.sent_count_at_read, sent_count_at(batch, *conversation, *member, raised.read));
    std::erase_if(raised.mentions, [&](Seq seq) { return seq <= raised.read; });
  }
  raised.version = conversation->version = batch.next_version(*conversation);
  *member = std::move(raised);
  batch.changed(*member);
  batch.changed(*conversation);
  batch.emit(mark.conversation, member->version,
             ReceiptEvent{.member = to_member(*member),
                          .to_everyone = conversation->member_count <= fanout_members_max});
  return to_member(*member);
}

RecipientStatus recipient_status(const MemberRow& member, Seq seq) {
  RecipientStatus status{
      .user = member.user, .state = state_for(member, seq), .delivered_at = {}, .read_at = {}};
  if (status.state >= MessageState::delivered) {
    status.delivered_at = reached_at(member.delivered_runs, seq);
  }
  if (status.state == MessageState::read) status.read_at = reached_at(member.read_runs, seq);
  return status;
}

Result<void> check_mark(const ReceiptMark& mark) {
  if (mark.state == MessageState::sent) {
    return fail(Code::invalid_argument, "A receipt says delivered or read.", "state");
  }
  if (to_int(mark.up_to) < 1) return no_receipt_beyond();
  return {};
}

WorkHint hint_of(UserId actor, const ReceiptMark& mark) {
  return {.touch = Touch{mark.conversation, actor, {}}};
}

}  // namespace

void Messenger::mark_async(UserId actor, const ReceiptMark& mark, Completion<Member> done) {
  if (auto checked = check_mark(mark); !checked) {
    return done(std::unexpected(std::move(checked).error()));
  }
  const auto fanout = impl_->options.limits.receipt_fanout_members_max;
  impl_->committer.submit<Member>([=](Batch& batch) { return advance(batch, actor, mark, fanout); },
                                  std::move(done), hint_of(actor, mark));
}

Result<Member> Messenger::mark(UserId actor, const ReceiptMark& mark) {
  MSG_CHECK(check_mark(mark));
  const auto fanout = impl_->options.limits.receipt_fanout_members_max;
  return impl_->committer.run<Member>(
      [=](Batch& batch) { return advance(batch, actor, mark, fanout); }, hint_of(actor, mark));
}

Result<MessageStatus> Messenger::message_status(UserId actor, const MessageId& id) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_CHECK(require_active(access.self));
  MSG_TRY(const auto message, load_visible(*snapshot, access, id));
  MessageStatus status{.id = id};
  constexpr int kPage = 1000;
  for (UserId after{};;) {
    MSG_TRY(const auto members, snapshot->list_members(id.conversation, after, kPage));
    for (const auto& member : members) {
      if (!is_recipient(member, id.seq, message.sender)) continue;
      ++status.recipient_count;
      if (member.delivered >= id.seq) ++status.delivered_count;
      if (member.read >= id.seq) ++status.read_count;
    }
    if (members.size() < kPage) break;
    after = members.back().user;
  }
  if (status.recipient_count > 0) {
    if (status.read_count == status.recipient_count) {
      status.state = MessageState::read;
    } else if (status.delivered_count == status.recipient_count) {
      status.state = MessageState::delivered;
    }
  }
  return status;
}

Result<Page<RecipientStatus>> Messenger::list_recipients(UserId actor, const MessageId& id,
                                                         const PageRequest& request) {
  MSG_TRY(const ForwardPage page,
          read_page_request(impl_->codec, request, CursorKind::recipients, to_int(id.conversation),
                            impl_->options.limits));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_CHECK(require_active(access.self));
  MSG_TRY(const auto message, load_visible(*snapshot, access, id));
  // Former members and the sender are skipped, so one page may take several reads.
  std::vector<RecipientStatus> recipients;
  const auto wanted = static_cast<std::size_t>(page.limit) + 1;
  for (UserId after{page.after}; recipients.size() < wanted;) {
    MSG_TRY(const auto members, snapshot->list_members(id.conversation, after, page.limit + 1));
    for (const auto& member : members) {
      if (recipients.size() == wanted || !is_recipient(member, id.seq, message.sender)) continue;
      recipients.push_back(recipient_status(member, id.seq));
    }
    if (members.size() < wanted) break;
    after = members.back().user;
  }
  return finish_page<RecipientStatus>(
      impl_->codec, page, std::move(recipients),
      [](const RecipientStatus& recipient) { return to_int(recipient.user); });
}

}  // namespace msg
