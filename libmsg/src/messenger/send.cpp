// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/impl.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// The message that this client_id made before, if it was the same request.
Result<std::optional<Message>> find_earlier(Batch& batch, const Draft& draft,
                                            const IdempotencyRow& request) {
  if (draft.client_id.empty()) return std::nullopt;
  MSG_TRY(const auto earlier,
          batch.rows().find_idempotency(draft.conversation, draft.sender, draft.client_id));
  if (!earlier) return std::nullopt;
  if (earlier->request_hash != request.request_hash) {
    return fail(Code::idempotency_conflict, "This client_id was used before for another message.",
                "client_id");
  }
  MSG_TRY(auto message, batch.rows().find_message({draft.conversation, earlier->seq}));
  if (!message) return fail(Code::corrupt, "An idempotency entry names no message.");
  return message;
}

Result<void> check_reply(const Draft& draft, const ConversationRow& conversation,
                         const MemberRow& sender) {
  if (!draft.reply_to) return {};
  if (*draft.reply_to >= sender.visible_from && *draft.reply_to <= conversation.last_seq) return {};
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

Result<Message> append(Batch& batch, const Draft& draft, const IdempotencyRow& request) {
  MSG_TRY(ConversationRow* const conversation, batch.find_conversation(draft.conversation));
  if (!conversation) return no_such_conversation();
  MSG_TRY(const MemberRow* const sender, batch.find_member(draft.conversation, draft.sender));
  if (!sender) return no_such_conversation();
  auto earlier = find_earlier(batch, draft, request);
  // A repetition is told what became of the first, whatever became of the sender since.
  if (earlier && *earlier) return **std::move(earlier);
  MSG_CHECK(require_active(*sender));
  if (!earlier) return std::unexpected(std::move(earlier).error());
  MSG_CHECK(check_reply(draft, *conversation, *sender));

  const Version version = batch.next_version(*conversation);
  MSG_CHECK(count_sent(batch, *conversation, *sender));
  conversation->last_seq = Seq{to_int(conversation->last_seq) + 1};
  conversation->activity = conversation->version = version;
  batch.changed(*conversation);
  Message message{.id = {draft.conversation, conversation->last_seq},
                  .sender = draft.sender,
                  .kind = draft.kind,
                  .content = draft.content,
                  .reply_to = draft.reply_to,
                  .timestamp = draft.timestamp,
                  .client_id = draft.client_id,
                  .version = version,
                  .created_at = time_of(version),
                  .edited_at = {},
                  .deleted = false,
                  .state = {}};
  MSG_CHECK(batch.rows().append_message(
      message, {.request_hash = request.request_hash, .seq = message.id.seq}));
  batch.emit(draft.conversation, version, MessageEvent{message});
  return message;
}

/// The results of several sends, for the one thread that waits for all of them. It sleeps at once:
/// std::latch looks for a while first, with a sched_yield() each time, which cost 64 senders on two
/// cores a third of their time.
class Outcome {
 public:
  explicit Outcome(std::size_t count) : results_(count), missing_(count) {}

  void set(std::size_t index, Result<Message> result) {
    {
      const std::scoped_lock lock(mutex_);
      results_[index] = std::move(result);
      if (--missing_ > 0) return;
    }
    done_.notify_one();
  }
  std::vector<Result<Message>> wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return missing_ == 0; });
    return std::move(results_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<Result<Message>> results_;
  std::size_t missing_;
};

}  // namespace

Result<Message> Messenger::send(const Draft& draft) {
  return std::move(send_many({&draft, 1}).front());
}

Result<void> Messenger::check_draft(const Draft& draft) const {
  return msg::check_draft(draft, impl_->options.limits);
}

void Messenger::send_async(Draft draft, Completion<Message> done) {
  if (auto checked = check_draft(draft); !checked) {
    return done(std::unexpected(std::move(checked).error()));
  }
  WorkHint hint{.bytes = draft.content.size(),
                .touch = Touch{draft.conversation, draft.sender, draft.client_id}};
  // Hashed here, in parallel, and not on the one thread that writes.
  const IdempotencyRow request{.request_hash = hash_request(draft), .seq = {}};
  auto work = [draft = std::move(draft), request](Batch& batch) {
    return append(batch, draft, request);
  };
  impl_->committer.submit<Message>(std::move(work), std::move(done), std::move(hint));
}

std::vector<Result<Message>> Messenger::send_many(std::span<const Draft> drafts) {
  // Shared: the committing thread may still be inside set() when wait() returns.
  const auto outcome = std::make_shared<Outcome>(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    send_async(drafts[i],
               [outcome, i](Result<Message> result) { outcome->set(i, std::move(result)); });
  }
  return outcome->wait();
}

Result<void> Messenger::typing(UserId actor, ConversationId conversation) {
  constexpr std::chrono::milliseconds kExpiry = std::chrono::seconds(6);
  {
    MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
    MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
    MSG_CHECK(require_active(access.self));
  }
  const auto event = std::make_shared<const Event>(
      Event{.conversation = conversation,
            .version = {},
            .cursor = {},
            .body = TypingEvent{.user = actor, .expires_in = kExpiry}});
  impl_->hub.publish_passing(event, actor);
  return {};
}

}  // namespace msg
