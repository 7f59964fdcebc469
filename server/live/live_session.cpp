// SPDX-License-Identifier: Apache-2.0
#include "live/live_session.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "live/live_hub.h"
#include "ops/log.h"

namespace msgd {
namespace {

/// Whether it must not run on the I/O thread.
bool blocks(const WsRequest& request) {
  if (const auto* send = std::get_if<SendOp>(&request.op)) {
    return send->fields.receiver.has_value();
  }
  return !std::holds_alternative<MarkOp>(request.op) && !std::holds_alternative<PingOp>(request.op);
}

/// Whether it may overtake nothing that came before: sends keep their order.
bool keeps_order(const WsRequest& request) {
  return std::holds_alternative<SendOp>(request.op);
}

}  // namespace

/// What hello leads to, made on a worker.
struct LiveSession::Greeting {
  msg::Principal principal;
  msg::User user;
  std::string token;
  std::unique_ptr<msg::Subscription> subscription;
  msg::SyncPage page;
};

LiveSession::LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
                         std::optional<std::string> token)
    : services_(services),
      hub_(hub),
      transport_(std::move(transport)),
      feed_(std::make_shared<LiveFeed>(services, transport_)),
      token_(std::move(token).value_or(std::string{})) {}

void LiveSession::start(std::chrono::milliseconds hello_timeout) {
  services_.after(hello_timeout, [weak = weak_from_this(), hello_timeout] {
    const auto self = weak.lock();
    if (!self) return;
    self->transport_->post([self, hello_timeout] {
      const auto stage = self->protocol_.stage();
      if (stage == WsProtocol::Stage::awaiting_hello) self->end(WsClose::no_hello, "no hello");
      // One that is being looked at may yet be refused.
      if (stage == WsProtocol::Stage::greeting) self->start(hello_timeout);
    });
  });
}

void LiveSession::on_text(std::string_view text) {
  services_.metrics.ws_frames_in.fetch_add(1, std::memory_order_relaxed);
  auto request = protocol_.take(text);
  if (!request) {
    const WsRefusal& refusal = request.error();
    reply_error(refusal.id, refusal.problem);
    if (refusal.close) end(WsClose::rules_broken, "malformed frames");
    return;
  }
  const bool occupied = busy_ || !waiting_.empty();
  const bool greeting = occupied && protocol_.stage() == WsProtocol::Stage::greeting;
  if (greeting || blocks(*request) || (occupied && keeps_order(*request))) {
    if (waiting_.size() >= kWaitingMax) {
      return reply_error(request->id, overloaded("Too many requests of this connection wait."));
    }
    waiting_.push_back(std::move(*request));
    return next();
  }
  begin(std::move(*request));
}

void LiveSession::on_drained() {
  feed_->on_drained();
  next();
}

void LiveSession::on_closed() {
  if (std::exchange(closed_, true)) return;
  waiting_.clear();
  hub_.remove(*this);
  feed_->close();
}

/// Carries out a request where it belongs.
void LiveSession::begin(WsRequest request) {
  if (blocks(request)) {
    busy_ = true;
    return run_on_worker(std::make_shared<const WsRequest>(std::move(request)));
  }
  std::visit([&](const auto& op) { carry_out(request.id, op); }, request.op);
}

/// As far as requests may be begun now; nothing new while replies are not even read.
void LiveSession::next() {
  while (!busy_ && !waiting_.empty() && !closed_ && !feed_->has_backlog()) {
    WsRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    begin(std::move(request));
  }
}

void LiveSession::run_on_worker(std::shared_ptr<const WsRequest> request) {
  const auto work = [self = shared_from_this(), request] {
    try {
      std::visit([&](const auto& op) { self->carry_out(request->id, op); }, request->op);
    } catch (const std::exception& error) {
      log_error("ws.failed", {{"why", error.what()}});
      return self->end(WsClose::fault, "a fault of ours");
    }
    if (!std::holds_alternative<HelloOp>(request->op)) {
      self->transport_->post([self] { self->done(); });
    }
  };
  if (services_.offload(work)) return;
  busy_ = false;
  const msg::Error busy{.code = msg::Code::overloaded,
                        .detail = "The server is busy.",
                        .field = {},
                        .retry_after = std::chrono::seconds{1}};
  if (std::holds_alternative<HelloOp>(request->op)) return refuse_hello(request->id, busy);
  reply_error(request->id, Problem{busy});
}

void LiveSession::done() {
  busy_ = false;
  next();
}

// hello ------------------------------------------------------------------------------------------

void LiveSession::carry_out(std::int64_t id, const HelloOp& op) {
  auto greeting = std::make_shared<msg::Result<Greeting>>(make_greeting(op));
  transport_->post([self = shared_from_this(), id, greeting] {
    if (*greeting) {
      self->accept(id, **greeting);
    } else {
      self->refuse_hello(id, greeting->error());
    }
    self->done();
  });
}

/// The subscription comes before the position, so that nothing falls between the two.
msg::Result<LiveSession::Greeting> LiveSession::make_greeting(const HelloOp& hello) {
  msg::Messenger& messenger = services_.messenger;
  Greeting greeting;
  greeting.token = hello.token.value_or(token_);
  MSG_TRY(greeting.principal, messenger.authenticate(greeting.token));
  MSG_TRY(const auto user, messenger.act_as(greeting.principal, hello.user));
  MSG_TRY(greeting.user, messenger.load_user(user));
  MSG_TRY(greeting.subscription, messenger.subscribe(user, [feed = feed_.get()](const auto& event) {
    feed->on_event(event);
  }));
  if (hello.cursor) {
    MSG_TRY(greeting.page, messenger.sync(user, {.cursor = *hello.cursor}));
  } else {
    MSG_TRY(greeting.page.cursor, messenger.sync_position());
  }
  return greeting;
}

void LiveSession::accept(std::int64_t id, Greeting& greeting) {
  if (closed_) return;
  protocol_.greeted(true);
  transport_->prove();
  user_ = greeting.user.id;
  principal_ = std::move(greeting.principal);
  token_ = std::move(greeting.token);
  hub_.add(shared_from_this());
  feed_->reply(ok_text(id, [&](std::string& out) {
    JsonObject json(out);
    json.value("user", [&](std::string& o) { append_user(o, greeting.user, Phone::shown); });
    if (principal_.session) {
      json.id("session_id", principal_.session->id);
    } else {
      json.null("session_id");
    }
    const LiveOptions& options = hub_.options();
    json.value("limits", [&](std::string& o) {
      JsonObject(o).number("frame_bytes", static_cast<std::int64_t>(options.frame_bytes_max));
    });
    json.number("ping_s", std::chrono::floor<std::chrono::seconds>(options.ping_interval).count());
  }));
  feed_->begin(user_, std::move(greeting.subscription), std::move(greeting.page));
}

void LiveSession::refuse_hello(std::int64_t id, const msg::Error& error) {
  protocol_.greeted(false);
  reply_error(id, Problem{error});
  // Whoever spoke on without waiting for the answer is told of each request.
  for (const auto& request : std::exchange(waiting_, {})) {
    reply_error(request.id, {401, "unauthenticated", "Say hello first."});
  }
  if (error.code == msg::Code::unauthenticated) end(WsClose::bad_token, "a valid token is needed");
}

// requests ---------------------------------------------------------------------------------------

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

void LiveSession::carry_out(std::int64_t id, const MarkOp& op) {
  services_.messenger.mark_async(
      user_, op.mark, [feed = feed_, id](msg::Result<msg::Member> marked) {
        if (!marked) return feed->reply(error_text(id, Problem{std::move(marked).error()}));
        feed->reply(ok_text(id, [&](std::string& out) { append_member(out, *marked); }));
      });
}

/// What was said a moment ago needs no saying again: it is accepted, and nobody is told.
bool LiveSession::repeats_typing(msg::ConversationId conversation) {
  constexpr std::size_t kRememberedMax = 8;
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(typing_said_, [&](const auto& said) { return now - said.at >= kTypingPause; });
  if (std::ranges::find(typing_said_, conversation, &TypingSaid::conversation) !=
      typing_said_.end()) {
    return true;
  }
  if (typing_said_.size() >= kRememberedMax) return true;
  typing_said_.push_back({.conversation = conversation, .at = now});
  return false;
}

void LiveSession::carry_out(std::int64_t id, const TypingOp& op) {
  if (repeats_typing(op.conversation)) return feed_->reply(ok_null_text(id));
  const auto said = services_.messenger.typing(user_, op.conversation);
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

void LiveSession::reply_error(std::optional<std::int64_t> id, const Problem& problem) {
  if (!problem.hidden.empty()) log_error("ws.failed", {{"why", problem.hidden}});
  feed_->reply(error_text(id, problem));
}

// for the hub ------------------------------------------------------------------------------------

bool LiveSession::check_token() {
  const auto principal = services_.messenger.authenticate(token_);
  checked_ = principal.has_value();
  if (checked_) return true;
  if (principal.error().code != msg::Code::unauthenticated) return false;
  end(WsClose::bad_token, "the token was revoked");
  return true;
}

void LiveSession::end(WsClose code, std::string reason) {
  transport_->close(static_cast<std::uint16_t>(code), std::move(reason));
}

}  // namespace msgd
