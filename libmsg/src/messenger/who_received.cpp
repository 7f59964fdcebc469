// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/impl.h"
#include "messenger/paging.h"
#include "messenger/receipts.h"
#include "messenger/view.h"

namespace msg {
namespace {

RecipientStatus recipient_status(const MemberRow& member, Seq seq, const Reader& reader) {
  RecipientStatus status{.user = member.user,
                         .state = state_for(member, seq, reader),
                         .delivered_at = {},
                         .read_at = {}};
  if (status.state >= MessageState::delivered) {
    status.delivered_at = reached_at(member.delivered_runs, seq);
  }
  if (status.state == MessageState::read) status.read_at = reached_at(member.read_runs, seq);
  return status;
}

/// Of those whose state is at least that; none: it has not come so far, or is not told.
std::optional<Receipt> receipt_of(const MemberRow& member, const Message& message,
                                  MessageState state, const Reader& reader) {
  const Seq seq = message.id.seq;
  if (!is_recipient(member, seq, message.sender) || state_for(member, seq, reader) < state) {
    return std::nullopt;
  }
  const auto& runs = state == MessageState::read ? member.read_runs : member.delivered_runs;
  return Receipt{.user = member.user, .at = reached_at(runs, seq)};
}

}  // namespace

Result<MessageStatus> Messenger::message_status(UserId actor, const MessageId& id) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_CHECK(may(Act::look, access.conversation, access.self));
  MSG_TRY(const auto message, load_visible(*snapshot, access, id));
  MSG_TRY(const Reader reader, make_reader(*snapshot, access));
  MessageStatus status{.id = id};
  constexpr int kPage = 1000;
  for (UserId after{};;) {
    MSG_TRY(const auto members, snapshot->list_members(id.conversation, after, kPage));
    for (const auto& member : members) {
      if (!is_recipient(member, id.seq, message.sender)) continue;
      ++status.recipient_count;
      const MessageState state = state_for(member, id.seq, reader);
      if (state >= MessageState::delivered) ++status.delivered_count;
      if (state == MessageState::read) ++status.read_count;
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
  MSG_CHECK(may(Act::look, access.conversation, access.self));
  MSG_TRY(const auto message, load_visible(*snapshot, access, id));
  MSG_TRY(const Reader reader, make_reader(*snapshot, access));
  // Former members and the sender are skipped, so one page may take several reads.
  std::vector<RecipientStatus> recipients;
  const auto wanted = static_cast<std::size_t>(page.limit) + 1;
  for (UserId after{page.after}; recipients.size() < wanted;) {
    MSG_TRY(const auto members, snapshot->list_members(id.conversation, after, page.limit + 1));
    for (const auto& member : members) {
      if (recipients.size() == wanted || !is_recipient(member, id.seq, message.sender)) continue;
      recipients.push_back(recipient_status(member, id.seq, reader));
    }
    if (members.size() < wanted) break;
    after = members.back().user;
  }
  return finish_page<RecipientStatus>(
      impl_->codec, page, std::move(recipients),
      [](const RecipientStatus& recipient) { return to_int(recipient.user); });
}

Result<Page<Receipt>> Messenger::list_receipts(UserId actor, const ReceiptsRequest& request) {
  if (request.state == MessageState::sent) {
    return fail(Code::invalid_argument, "A receipt says delivered or read.", "state");
  }
  const ConversationId conversation = request.message.conversation;
  MSG_TRY(const ForwardPage page,
          read_page_request(impl_->codec, {.limit = request.limit, .cursor = request.cursor},
                            CursorKind::receipts, to_int(conversation), impl_->options.limits));
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  MSG_CHECK(may(Act::look, access.conversation, access.self));
  MSG_TRY(const auto message, load_visible(*snapshot, access, request.message));
  MSG_TRY(const Reader reader, make_reader(*snapshot, access));

  constexpr int kAtOnce = 200;
  Page<Receipt> found;
  found.has_prev = page.after != 0;
  found.has_more = true;
  UserId after{page.after};
  const auto is_full = [&] { return found.items.size() == static_cast<std::size_t>(page.limit); };
  for (int looked = 0; found.has_more && !is_full() && looked < kReceiptsScanMax;) {
    MSG_TRY(const auto members, snapshot->list_members(conversation, after, kAtOnce));
    found.has_more = members.size() == kAtOnce;
    for (const auto& member : members) {
      if (is_full()) {
        found.has_more = true;
        break;
      }
      after = member.user;
      ++looked;
      auto receipt = receipt_of(member, message, request.state, reader);
      if (receipt) found.items.push_back(*receipt);
    }
  }
  found.next = impl_->codec.encode(page.kind, std::array{page.scope, to_int(after)});
  return found;
}

}  // namespace msg
