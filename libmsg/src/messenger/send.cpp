// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/limits.h"
#include "core/quote.h"
#include "core/secrets.h"
#include "messenger/append.h"
#include "messenger/impl.h"
#include "messenger/peace.h"
#include "messenger/policy.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// The message that this client_id made before, if it was the same request.
Result<Message> repeat(Batch& batch, const Draft& draft, const IdempotencyRow& request,
                       const IdempotencyRow& earlier) {
  if (!is_same_request(request, earlier)) {
    return fail(Code::idempotency_conflict, "This client_id was used before for another message.",
                "client_id");
  }
  MSG_TRY(auto message, batch.rows().find_message({draft.conversation, earlier.seq}));
  if (!message) return fail(Code::corrupt, "An idempotency entry names no message.");
  return *std::move(message);
}

/// Of a draft that would not be accepted now. A repetition is told what became of the first,
/// whatever became of the sender since.
Result<Message> refuse(Batch& batch, const Draft& draft, const IdempotencyRow& request,
                       Error refusal) {
  if (draft.client_id.empty()) return std::unexpected(std::move(refusal));
  MSG_TRY(const auto earlier,
          batch.rows().find_idempotency(draft.conversation, draft.sender, draft.client_id));
  const bool is_repetition = earlier && is_same_request(request, *earlier);
  const bool may_send = refusal.code != Code::permission_denied;
  if (!is_repetition && !(earlier && may_send)) return std::unexpected(std::move(refusal));
  return repeat(batch, draft, request, *earlier);
}

Result<void> check_reply(const Draft& draft, const ConversationRow& conversation,
                         const MemberRow& sender) {
  if (!draft.reply_to) return {};
  if (readable(conversation, sender).has(*draft.reply_to)) return {};
  return fail(Code::invalid_argument, "reply_to names no message that you can read.", "reply_to");
}

/// Counts the message for its sender in the head. Who has to make room there takes the count along
/// into the member record: the only extra write, and only among more than kSendersInHead senders.
Result<void> count_sent(Batch& batch, ConversationRow& conversation, const MemberRow& sender) {
  auto& senders = conversation.senders;
  const auto known = std::ranges::find(senders, sender.user, &SenderCount::user);
  if (known != senders.end()) {
    ++known->count;
    std::rotate(senders.begin(), known, known + 1);
    return {};
  }
  if (senders.size() == kSendersInHead) {
    const SenderCount last = senders.back();
    MSG_TRY(MemberRow* const leaving, batch.find_member(conversation.id, last.user));
    if (leaving) {
      leaving->sent_count = last.count;
      batch.changed(*leaving);
    }
    senders.pop_back();
  }
  senders.insert(senders.begin(), {sender.user, sender.sent_count + 1});
  return {};
}

Result<void> check_mentions(Batch& batch, const Draft& draft) {
  for (const UserId user : draft.mentions) {
    MSG_TRY(const MemberRow* const member, batch.find_member(draft.conversation, user));
    if (member && member->active) continue;
    return fail(Code::invalid_argument, "mentions names somebody who is no member.", "mentions");
  }
  return {};
}

/// One more unread mention of each, if it is not their own. No version: the message is the news.
Result<void> count_mentions(Batch& batch, const Message& message) {
  for (const UserId user : message.mentions) {
    if (user == message.sender) continue;
    MSG_TRY(MemberRow* const member, batch.find_member(message.id.conversation, user));
    member->mentions.push_back(message.id.seq);
    if (member->mentions.size() > kMentionsCounted)
      member->mentions.erase(member->mentions.begin());
    batch.changed(*member);
  }
  return {};
}

SideRecord slow_mode_of(const ConversationRow& conversation, UserId user) {
  return {.kind = SideKind::slow_mode,
          .owner = to_int(conversation.id),
          .key = side_key(user),
          .value = {},
          .expires_at = {}};
}

/// The only group in which a send reads and writes more than a send.
Result<void> check_slow_mode(Batch& batch, const ConversationRow& conversation,
                             const MemberRow& sender) {
  if (!is_slowed(conversation, sender)) return {};
  const SideRecord asked = slow_mode_of(conversation, sender.user);
  MSG_TRY(const auto found, batch.rows().find_side_record(asked.kind, asked.owner, asked.key));
  if (!found || !found->expires_at || *found->expires_at <= batch.now()) return {};
  auto refusal = fail(Code::rate_limited, "This group is slow: wait before the next message.");
  refusal.error().retry_after = *found->expires_at - batch.now();
  return refusal;
}

Result<void> note_slow_mode(Batch& batch, const ConversationRow& conversation,
                            const MemberRow& sender) {
  if (!is_slowed(conversation, sender)) return {};
  SideRecord record = slow_mode_of(conversation, sender.user);
  record.expires_at = batch.now() + conversation.rules.slow_mode;
  return batch.rows().put_side_record(record);
}

/// Who answers has accepted.
void accept(ConversationRow& conversation, UserId sender) {
  if (sender == conversation.direct_low) conversation.direct.awaits_low = false;
  if (sender == conversation.direct_high) conversation.direct.awaits_high = false;
}

Result<void> check_now(Batch& batch, const Draft& draft, const ConversationRow& conversation,
                       const MemberRow& sender) {
  MSG_CHECK(may(Act::send, conversation, sender));
  MSG_CHECK(check_reply(draft, conversation, sender));
  MSG_CHECK(check_mentions(batch, draft));
  return check_slow_mode(batch, conversation, sender);
}

/// Hashed by the caller, in parallel, and not on the one thread that writes.
IdempotencyRow request_of(const Draft& draft) {
  return {.request_hash = hash_request(draft), .seq = {}};
}

}  // namespace

Result<Message> append(Batch& batch, const Draft& draft, const IdempotencyRow& request,
                       const std::optional<Forward>& forward) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(draft.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(const MemberRow* const sender, batch.find_member(draft.conversation, draft.sender));
  if (!sender) return no_such_conversation();
  if (auto checked = check_now(batch, draft, *conversation, *sender); !checked) {
    return refuse(batch, draft, request, std::move(checked).error());
  }

  const Version version = batch.peek_version(*conversation);
  Message message{.id = {draft.conversation, Seq{to_int(conversation->last_seq) + 1}},
                  .sender = draft.sender,
                  .kind = draft.kind,
                  .content = draft.content,
                  .reply_to = draft.reply_to,
                  .timestamp = draft.timestamp,
                  .mentions = draft.mentions,
                  .forward = forward,
                  .client_id = draft.client_id,
                  .version = version,
                  .created_at = time_of(version),
                  .edited_at = {},
                  .deleted = false,
                  .state = {}};
  std::optional<Quote> quote;
  if (draft.reply_to) {
    MSG_TRY(const auto answered, batch.rows().find_message({draft.conversation, *draft.reply_to}));
    if (!answered) return fail(Code::corrupt, "An answered message is not stored.");
    quote = quote_of(*answered);
  }
  MSG_TRY(const auto earlier,
          batch.rows().append_message(
              message, {.request_hash = request.request_hash, .seq = message.id.seq}));
  if (earlier) return repeat(batch, draft, request, *earlier);
  batch.stamp(version);
  MSG_CHECK(count_sent(batch, *conversation, *sender));
  MSG_CHECK(count_mentions(batch, message));
  MSG_CHECK(note_slow_mode(batch, *conversation, *sender));
  accept(*conversation, draft.sender);
  conversation->last_seq = message.id.seq;
  conversation->activity = conversation->version = version;
  batch.changed(*conversation);
  MessageEvent event{message};
  event.message.quote = std::move(quote);
  batch.emit(draft.conversation, version, std::move(event));
  return message;
}

WorkHint hint_of(const Draft& draft) {
  return {.bytes = draft.content.size(),
          .touch = Touch{.conversation = draft.conversation,
                         .user = draft.sender,
                         .client_id = draft.client_id,
                         .others = draft.mentions,
                         .message = draft.reply_to}};
}

/// That of a deleted message is not known any more: it is the same, so that a device which never
/// got its answer comes to an end.
bool is_same_request(const IdempotencyRow& request, const IdempotencyRow& earlier) {
  return earlier.request_hash == request.request_hash || earlier.request_hash == kForgottenRequest;
}

Result<Message> Messenger::send(const Draft& draft) {
  MSG_CHECK(check_draft(draft));
  return impl_->committer.run<Message>(
      [&draft, request = request_of(draft)](Batch& batch) { return append(batch, draft, request); },
      hint_of(draft));
}

Result<void> Messenger::check_draft(const Draft& draft) const {
  return msg::check_draft(draft, impl_->options.limits);
}

void Messenger::send_async(Draft draft, Completion<Message> done) {
  if (auto checked = check_draft(draft); !checked) {
    return done(std::unexpected(std::move(checked).error()));
  }
  WorkHint hint = hint_of(draft);
  const IdempotencyRow request = request_of(draft);
  impl_->committer.submit<Message>(
      [draft = std::move(draft), request](Batch& batch) { return append(batch, draft, request); },
      std::move(done), std::move(hint));
}

std::vector<Result<Message>> Messenger::send_many(std::span<const Draft> drafts) {
  std::vector<Result<Message>> results(drafts.size(), Committer::unfinished());
  Awaited awaited;  // ends before what the queue refers to, also when memory runs out half-way
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const Draft& draft = drafts[i];
    if (auto checked = check_draft(draft); !checked) {
      results[i] = std::unexpected(std::move(checked).error());
      continue;
    }
    auto round = impl_->committer.submit_awaited<Message>(
        [&draft, request = request_of(draft)](Batch& batch) {
          return append(batch, draft, request);
        },
        results[i], hint_of(draft));
    if (round) awaited.last = std::move(round);
  }
  awaited.wait();
  return results;
}

Result<void> Messenger::typing(UserId actor, ConversationId conversation, Activity activity) {
  constexpr std::chrono::milliseconds kExpiry = std::chrono::seconds(6);
  {
    MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
    MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
    MSG_CHECK(may(Act::react, access.conversation, access.self));
  }
  const auto event = std::make_shared<const Event>(
      Event{.conversation = conversation,
            .version = {},
            .cursor = {},
            .body = TypingEvent{.user = actor, .expires_in = kExpiry, .activity = activity}});
  impl_->hub.publish_passing(event, actor);
  impl_->relay.typing(conversation, std::get<TypingEvent>(event->body));
  return {};
}

}  // namespace msg
