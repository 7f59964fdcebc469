// SPDX-License-Identifier: Apache-2.0
// What a session asks for once it is open, each op with its answer.
#include <algorithm>
#include <utility>

#include "live/live_hub.h"
#include "live/live_session.h"
#include "ops/log.h"

namespace msgd {

void LiveSession::carry_out(std::int64_t id, const SendOp& op) {
  DraftFields fields = op.fields;
  if (fields.sender && *fields.sender != user_) {
    return reply_error(id, Problem{403, "permission_denied", "This session is another user's."});
  }
  fields.draft.sender = user_;
  const auto conversation = resolve(services_.messenger, fields);
  if (!conversation) return reply_error(id, Problem{conversation.error()});
  fields.draft.conversation = *conversation;
  send(id, std::move(fields.draft));
}

void LiveSession::send(std::int64_t id, msg::Draft draft) {
  services_.messenger.send_async(
      std::move(draft), [feed = feed_, id, &services = services_](msg::Result<msg::Message> sent) {
        if (!sent) return feed->reply(error_text(id, Problem{std::move(sent).error()}));
        services.metrics.sends_acknowledged.fetch_add(1, std::memory_order_relaxed);
        feed->reply(ok_text(id, [&](std::string& out) { append_sent(out, std::move(*sent)); }));
      });
}

void LiveSession::carry_out(std::int64_t id, const ForwardOp& op) {
  msg::ForwardDraft draft = op.draft;
  draft.sender = user_;
  auto sent = services_.messenger.forward(draft);
  if (!sent) return reply_error(id, Problem{sent.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_sent(out, *std::move(sent)); }));
}

void LiveSession::carry_out(std::int64_t id, const EditOp& op) {
  reply_message(id, services_.messenger.edit(user_, op.edit));
}

void LiveSession::carry_out(std::int64_t id, const DeleteOp& op) {
  auto& messenger = services_.messenger;
  reply_message(id, op.whom == ForWhom::me ? messenger.delete_for_me(user_, op.message)
                                           : messenger.delete_for_everyone(user_, op.message));
}

void LiveSession::carry_out(std::int64_t id, const ReactOp& op) {
  auto& messenger = services_.messenger;
  reply_message(id, op.remove ? messenger.remove_reaction(user_, op.reaction)
                              : messenger.react(user_, op.reaction));
}

void LiveSession::carry_out(std::int64_t id, const PinOp& op) {
  auto& messenger = services_.messenger;
  reply_message(id,
                op.remove ? messenger.unpin(user_, op.message) : messenger.pin(user_, op.message));
}

void LiveSession::reply_message(std::int64_t id, const msg::Result<msg::Message>& message) {
  if (!message) return reply_error(id, Problem{message.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_message(out, *message); }));
}

void LiveSession::carry_out(std::int64_t id, const MarkOp& op) {
  services_.messenger.mark_async(
      user_, op.mark, [feed = feed_, id](msg::Result<msg::Member> marked) {
        if (!marked) return feed->reply(error_text(id, Problem{std::move(marked).error()}));
        feed->reply(ok_text(id, [&](std::string& out) { append_member(out, *marked); }));
      });
}

void LiveSession::carry_out(std::int64_t id, const ReadAllOp& /*op*/) {
  const auto marked = services_.messenger.mark_all_read(user_);
  if (!marked) return reply_error(id, Problem{marked.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { JsonObject(out).number("marked", *marked); }));
}

void LiveSession::carry_out(std::int64_t id, const UnreadOp& op) {
  const auto mark = services_.messenger.mark_unread(user_, op.conversation, op.from);
  if (!mark) return reply_error(id, Problem{mark.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_unread(out, *mark); }));
}

void LiveSession::carry_out(std::int64_t id, const ReceiptsOp& op) {
  const auto page = services_.messenger.list_receipts(user_, op.request);
  if (!page) return reply_error(id, Problem{page.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_page(out, *page, append_receipt); }));
}

void LiveSession::carry_out(std::int64_t id, const SessionsOp& /*op*/) {
  const auto sessions = services_.messenger.list_sessions(user_);
  if (!sessions) return reply_error(id, Problem{sessions.error()});
  const auto& current = principal_.session;
  const auto item = [&](std::string& out, const msg::Session& session) {
    append_own_session(out, session, current && current->id == session.id);
  };
  feed_->reply(
      ok_text(id, [&](std::string& out) { JsonObject(out).array("items", *sessions, item); }));
}

void LiveSession::carry_out(std::int64_t id, const CloseSessionOp& op) {
  const auto closed = services_.messenger.revoke_session(user_, op.session);
  if (!closed) return reply_error(id, Problem{closed.error()});
  feed_->reply(ok_null_text(id));
  if (services_.session_revoked) services_.session_revoked(op.session);
}

/// What was said a moment ago needs no saying again: it is accepted, and nobody is told.
bool LiveSession::repeats_typing(const TypingOp& op) {
  constexpr std::size_t kRememberedMax = 8;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(typing_said_, [&](const auto& said) { return now - said.at >= kTypingPause; });
  if (std::ranges::find(typing_said_, op, &TypingSaid::op) != typing_said_.end()) return true;
  if (typing_said_.size() >= kRememberedMax) return true;
  typing_said_.push_back({.op = op, .at = now});
  return false;
}

void LiveSession::carry_out(std::int64_t id, const TypingOp& op) {
  if (repeats_typing(op)) return feed_->reply(ok_null_text(id));
  const auto said = services_.messenger.typing(user_, op.conversation, op.activity);
  if (!said) {
    typing_said_.pop_back();
    return reply_error(id, Problem{said.error()});
  }
  feed_->reply(ok_null_text(id));
}

void LiveSession::carry_out(std::int64_t id, const HistoryOp& op) {
  const auto page = services_.messenger.history(user_, op.request);
  if (!page) return reply_error(id, Problem{page.error()});
  const auto item = [](std::string& out, const msg::Message& m) { append_message(out, m); };
  feed_->reply(ok_text(id, [&](std::string& out) { append_page(out, *page, item); }));
}

void LiveSession::carry_out(std::int64_t id, const ConversationsOp& op) {
  const auto page = services_.messenger.list_conversations(user_, op.request);
  if (!page) return reply_error(id, Problem{page.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_page(out, *page, append_view); }));
}

void LiveSession::carry_out(std::int64_t id, const OpenDirectOp& op) {
  msg::UserId peer = op.user.value_or(msg::UserId{});
  if (op.username) {
    const auto found = services_.messenger.load_user_by_username(*op.username);
    if (!found) return reply_error(id, Problem{found.error()});
    peer = found->id;
  }
  const auto conversation = services_.messenger.open_direct(user_, peer);
  if (!conversation) return reply_error(id, Problem{conversation.error()});
  feed_->reply(ok_text(id, [&](std::string& out) { append_conversation(out, *conversation); }));
}

void LiveSession::carry_out(std::int64_t id, const PingOp& /*op*/) {
  feed_->reply(ok_null_text(id));
}

/// On a worker, so what is kept of it goes to the connection's own thread.
void LiveSession::carry_out(std::int64_t id, const PresenceOp& op) {
  std::vector<msg::PersonPresence> known;
  // Not before the reply, which says what the changes are changes of.
  const auto replied = std::make_shared<std::atomic<bool>>(false);
  const auto tell = [feed = feed_, replied](const std::vector<msg::PersonPresence>& changed) {
    return *replied && feed->offer("presence", presence_text(changed));
  };
  auto made = services_.presence.watch(user_, op.users, tell, known);
  if (!made) return reply_error(id, Problem{made.error()});
  feed_->reply(ok_text(
      id, [&](std::string& out) { JsonObject(out).array("users", known, append_presence); }));
  *replied = true;
  const std::shared_ptr<msg::PresenceWatch> watch = *std::move(made);
  transport_->post([self = shared_from_this(), watch] {
    if (!self->core_.is_closed()) self->watch_ = watch;
  });
}

void LiveSession::carry_out(std::int64_t id, const AwayOp& op) {
  device_->set_away(op.away);
  feed_->reply(ok_null_text(id));
}

void LiveSession::reply_error(std::optional<std::int64_t> id, const Problem& problem) {
  if (!problem.hidden.empty()) log_error("ws.failed", {{"why", problem.hidden}});
  feed_->reply(error_text(id, problem));
}

}  // namespace msgd
