// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"
#include "core/secrets.h"
#include "messenger/append.h"
#include "messenger/impl.h"
#include "messenger/personal.h"
#include "messenger/view.h"

namespace msg {
namespace {

/// The message to pass on, as the sender reads it.
Result<Message> load_source(Snapshot& snapshot, const ForwardDraft& draft) {
  MSG_TRY(const auto access, load_access(snapshot, draft.sender, draft.message.conversation));
  MSG_TRY(auto message, load_visible(snapshot, access, draft.message));
  MSG_CHECK(take_out_hidden(snapshot, access, {&message, 1}));
  if (message.hidden) return no_such_message();
  if (message.deleted) return fail(Code::conflict, "The message is deleted.");
  const bool is_only_for_there =
      message.kind == MessageKind::system || message.kind == MessageKind::encrypted;
  if (is_only_for_there) return fail(Code::conflict, "Messages of this kind are not forwarded.");
  return message;
}

/// A repetition is told what became of the first, also when there is nothing to forward any more.
Result<Message> repeat(Snapshot& snapshot, const ForwardDraft& draft, const IdempotencyRow& request,
                       Error refusal) {
  if (draft.client_id.empty()) return std::unexpected(std::move(refusal));
  MSG_TRY(const auto earlier,
          snapshot.find_idempotency(draft.conversation, draft.sender, draft.client_id));
  if (!earlier || !is_same_request(request, *earlier)) return std::unexpected(std::move(refusal));
  MSG_TRY(auto message, snapshot.find_message({draft.conversation, earlier->seq}));
  if (!message) return fail(Code::corrupt, "An idempotency entry names no message.");
  return *std::move(message);
}

}  // namespace

/// The content is read before the commit, so no message of another conversation is locked in it. An
/// edit in between is not forwarded.
Result<Message> Messenger::forward(const ForwardDraft& draft) {
  const Limits& limits = impl_->options.limits;
  MSG_CHECK(check_client_id(draft.client_id, limits));
  const IdempotencyRow request{.request_hash = hash_forward(draft.message), .seq = {}};
  Draft copy{
      .conversation = draft.conversation, .sender = draft.sender, .client_id = draft.client_id};
  Forward forward{.hops = 1, .origin = draft.message};
  {
    MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
    auto source = load_source(*snapshot, draft);
    if (!source) return repeat(*snapshot, draft, request, std::move(source).error());
    copy.content = std::move(source->content);
    copy.kind = source->kind;
    if (source->forward) forward.hops += source->forward->hops;
  }
  MSG_CHECK(check_draft(copy));
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return append(batch, copy, request, forward); }, hint_of(copy));
}

Result<Message> Messenger::load_origin(UserId actor, const MessageId& id) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, id.conversation));
  MSG_CHECK(load_visible(*snapshot, access, id));
  MSG_TRY(const auto message, snapshot->find_message(id));
  if (!message || !message->forward || !message->forward->origin) return no_such_message();
  auto origin = load_message(actor, *message->forward->origin);
  // One answer for all that the actor may not read or know of.
  if (!origin && origin.error().code == Code::not_found) return no_such_message();
  return origin;
}

}  // namespace msg
