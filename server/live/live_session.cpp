// SPDX-License-Identifier: Apache-2.0
#include "live/live_session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <utility>

#include "http/credentials.h"
#include "live/live_hub.h"
#include "live/live_start.h"
#include "msg/sessions.h"
#include "ops/log.h"

namespace msgd {
namespace {

/// Whether a person did it, and not the program by itself.
bool shows_somebody(const WsRequest& request) {
  if (const auto* mark = std::get_if<MarkOp>(&request.op)) {
    return mark->mark.state == msg::MessageState::read;
  }
  return !std::holds_alternative<PingOp>(request.op) &&
         !std::holds_alternative<PresenceOp>(request.op) &&
         !std::holds_alternative<AwayOp>(request.op);
}

}  // namespace

LiveSession::LiveSession(Services& services, LiveHub& hub, std::shared_ptr<WsTransport> transport,
                         std::optional<std::string> token, std::optional<std::string> ticket)
    : services_(services),
      hub_(hub),
      transport_(std::move(transport)),
      feed_(std::make_shared<LiveFeed>(services, transport_, FrameStyle::websocket)),
      token_(std::move(token).value_or(std::string{})),
      ticket_(std::move(ticket)) {}

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
      if (self->core_.on_hello_timeout()) self->start(hello_timeout);
      self->advance();
    });
  });
}

void LiveSession::on_text(std::string_view text) {
  services_.metrics.ws_frames_in.fetch_add(1, std::memory_order_relaxed);
  feed_->owe();
  core_.on_text(text);
  advance();
}

void LiveSession::on_drained() {
  feed_->on_drained();
  advance();
}

void LiveSession::on_shutdown(std::chrono::milliseconds reconnect_delay) {
  core_.on_shutdown(reconnect_delay);
  feed_->close_when_answered(WsClose::restarting, restart_reason(reconnect_delay));
}

void LiveSession::on_closed() {
  if (core_.is_closed()) return;
  core_.on_closed();
  watch_.reset();
  device_.reset();
  hub_.remove(*this);
  feed_->close();
}

void LiveSession::advance() {
  while (auto step = core_.next(feed_->has_backlog())) {
    std::visit([this](auto&& what) { perform(std::forward<decltype(what)>(what)); },
               *std::move(step));
  }
}

void LiveSession::perform(SessionCore::Answer&& answer) {
  reply_error(answer.id, answer.problem);
}

void LiveSession::perform(const SessionCore::Close& close) {
  end(close.code, std::string{close.reason});
}

void LiveSession::perform(SessionCore::Run&& run) {
  if (!count(run)) return;
  if (device_ && shows_somebody(run.request)) device_->touch();
  if (run.on_worker) {
    return run_on_worker(std::make_shared<const WsRequest>(std::move(run.request)));
  }
  std::visit([&](const auto& op) { carry_out(run.request.id, op); }, run.request.op);
}

/// False: it comes too often, and was answered so. Hello is counted with its connection.
bool LiveSession::count(const SessionCore::Run& run) {
  if (std::holds_alternative<HelloOp>(run.request.op)) return true;
  RateCaller caller{.user = user_};
  if (principal_.key) caller.key = principal_.key->id;
  const auto judged = services_.limits.judge(rate_class(run.request), caller);
  if (judged.verdict.allowed) return true;
  const Problem problem = rate_limited(judged.verdict.retry_after);
  reply_error(run.request.id, problem);
  if (run.on_worker) core_.on_done();
  if (refusals_.is_too_many(services_.limits.now())) {
    end(WsClose::too_often, restart_reason(problem.retry_after));
  }
  return false;
}

void LiveSession::run_on_worker(std::shared_ptr<const WsRequest> request) {
  const auto work = [self = shared_from_this(), request] {
    try {
      std::visit([&](const auto& op) { self->carry_out(request->id, op); }, request->op);
    } catch (const std::exception& error) {
      log_error("ws.failed", {{"why", error.what()}});
      return self->end(WsClose::fault, "a fault of ours");
    }
    if (std::holds_alternative<HelloOp>(request->op)) return;
    self->transport_->post([self] {
      self->core_.on_done();
      self->advance();
    });
  };
  const Urgency urgency = is_scan(*request) ? Urgency::low : Urgency::normal;
  if (!services_.offload(work, urgency)) core_.on_no_worker();
}

// hello ------------------------------------------------------------------------------------------

void LiveSession::carry_out(std::int64_t id, const HelloOp& op) {
  auto start = std::make_shared<msg::Result<LiveStart>>(greet(op));
  transport_->post([self = shared_from_this(), id, start] {
    if (*start) {
      self->accept(id, **start);
    } else {
      self->core_.on_hello_refused(start->error());
    }
    self->advance();
  });
}

msg::Result<LiveStart> LiveSession::greet(const HelloOp& hello) {
  msg::Messenger& messenger = services_.messenger;
  LiveRequest request{.principal = {}, .user = {}, .cursor = hello.cursor};
  if (ticket_) {
    // It is good once; another hello on this connection needs a token.
    MSG_TRY(request.principal, msg::Sessions(messenger).redeem_ticket(*std::exchange(ticket_, {})));
  } else {
    MSG_TRY(request.principal, authenticate(services_, hello.token.value_or(token_)));
  }
  MSG_TRY(request.user, messenger.act_as(request.principal, hello.user));
  return prepare_live(messenger, std::move(request), *feed_);
}

/// Takes its place among the user's sessions.
void LiveSession::enter(LiveStart& start) {
  user_ = start.user.id;
  principal_ = std::move(start.principal);
  token_.clear();
  device_ = services_.presence.enter(start.user);
  hub_.add(shared_from_this());
}

void LiveSession::accept(std::int64_t id, LiveStart& start) {
  if (core_.is_closed()) return;
  core_.on_greeted();
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

// for the hub ------------------------------------------------------------------------------------

bool LiveSession::check_token() {
  const auto principal = refresh(services_, principal_);
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
