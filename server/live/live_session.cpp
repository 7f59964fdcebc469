// SPDX-License-Identifier: Apache-2.0
#include "live/live_session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <utility>

#include "live/live_hub.h"
#include "live/live_start.h"
#include "ops/log.h"

namespace msgd {
namespace {

/// Whether it must not run on the I/O thread.
bool blocks(const WsRequest& request) {
  if (const auto* send = std::get_if<SendOp>(&request.op)) {
    return send->fields.receiver.has_value();
  }
  return !std::holds_alternative<MarkOp>(request.op) &&
         !std::holds_alternative<PingOp>(request.op) && !std::holds_alternative<AwayOp>(request.op);
}

/// Whether a person did it, and not the program by itself.
bool shows_somebody(const WsRequest& request) {
  if (const auto* mark = std::get_if<MarkOp>(&request.op)) {
    return mark->mark.state == msg::MessageState::read;
  }
  return !std::holds_alternative<PingOp>(request.op) &&
         !std::holds_alternative<PresenceOp>(request.op) &&
         !std::holds_alternative<AwayOp>(request.op);
}

/// Whether it may overtake nothing that came before: sends keep their order.
bool keeps_order(const WsRequest& request) {
  return std::holds_alternative<SendOp>(request.op);
}

}  // namespace

LiveSession::LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
                         std::optional<std::string> token)
    : services_(services),
      hub_(hub),
      transport_(std::move(transport)),
      feed_(std::make_shared<LiveFeed>(services, transport_, FrameStyle::websocket)),
      token_(std::move(token).value_or(std::string{})) {}

LiveSession::LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
                         std::shared_ptr<LiveFeed> feed)
    : services_(services), hub_(hub), transport_(std::move(transport)), feed_(std::move(feed)) {}

void LiveSession::begin_stream(LiveStart& start) {
  enter(start);
  feed_->begin(user_, std::move(start.subscription), std::move(start.page), start.resumed);
}

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
  feed_->owe();
  if (shutdown_) {
    const auto id = request ? request->id : request.error().id;
    return reply_error(id, restarting(*shutdown_));
  }
  if (!request) {
    const WsRefusal& refusal = request.error();
    reply_error(refusal.id, refusal.problem);
    if (refusal.close) end(WsClose::rules_broken, "malformed frames");
    return;
  }
  if (device_ && shows_somebody(*request)) device_->touch();
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

void LiveSession::on_shutdown(std::chrono::milliseconds reconnect_delay) {
  shutdown_ = reconnect_delay;
  feed_->close_when_answered(WsClose::restarting, restart_reason(reconnect_delay));
}

void LiveSession::on_closed() {
  if (std::exchange(closed_, true)) return;
  waiting_.clear();
  watch_.reset();
  device_.reset();
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
  auto start = std::make_shared<msg::Result<LiveStart>>(greet(op));
  transport_->post([self = shared_from_this(), id, start] {
    if (*start) {
      self->accept(id, **start);
    } else {
      self->refuse_hello(id, start->error());
    }
    self->done();
  });
}

msg::Result<LiveStart> LiveSession::greet(const HelloOp& hello) {
  msg::Messenger& messenger = services_.messenger;
  LiveRequest request{
      .principal = {}, .token = hello.token.value_or(token_), .user = {}, .cursor = hello.cursor};
  MSG_TRY(request.principal, messenger.authenticate(request.token));
  MSG_TRY(request.user, messenger.act_as(request.principal, hello.user));
  return prepare_live(messenger, std::move(request), *feed_);
}

/// Takes its place among the user's sessions.
void LiveSession::enter(LiveStart& start) {
  user_ = start.user.id;
  principal_ = std::move(start.principal);
  token_ = std::move(start.token);
  device_ = services_.presence.enter(start.user);
  hub_.add(shared_from_this());
}

void LiveSession::accept(std::int64_t id, LiveStart& start) {
  if (closed_) return;
  protocol_.greeted(true);
  transport_->prove();
  enter(start);
  feed_->reply(ok_text(id, [&](std::string& out) {
    JsonObject json(out);
    json.value("user", [&](std::string& o) { append_user(o, start.user, Phone::shown); });
    if (principal_.session) {
      json.id("session_id", principal_.session->id);
    } else {
      json.null("session_id");
    }
    json.text("resumed", start.resumed);
    const LiveOptions& options = hub_.options();
    json.value("limits", [&](std::string& o) {
      JsonObject(o).number("frame_bytes", static_cast<std::int64_t>(options.frame_bytes_max));
    });
    json.number("ping_s", std::chrono::floor<std::chrono::seconds>(options.ping_interval).count());
  }));
  feed_->begin(user_, std::move(start.subscription), std::move(start.page), start.resumed);
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
