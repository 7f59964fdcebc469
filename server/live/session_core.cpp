// SPDX-License-Identifier: Apache-2.0
#include "live/session_core.h"

#include <utility>

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

/// Whether it may overtake nothing that came before: sends keep their order.
bool keeps_order(const WsRequest& request) {
  return std::holds_alternative<SendOp>(request.op);
}

}  // namespace

void SessionCore::on_text(std::string_view text) {
  if (is_closed_) return;
  auto request = protocol_.take(text);
  if (shutdown_) {
    const auto id = request ? request->id : request.error().id;
    if (request && std::holds_alternative<HelloOp>(request->op)) protocol_.greeted(false);
    steps_.emplace_back(Answer{id, restarting(*shutdown_)});
  } else if (request) {
    take(*std::move(request));
  } else {
    WsRefusal& refusal = request.error();
    steps_.emplace_back(Answer{refusal.id, std::move(refusal.problem)});
    if (refusal.close) steps_.emplace_back(Close{WsClose::rules_broken, "malformed frames"});
  }
}

void SessionCore::take(WsRequest request) {
  const bool is_occupied = is_working_ || !waiting_.empty();
  const bool is_greeting = is_occupied && protocol_.stage() == WsProtocol::Stage::greeting;
  if (!is_greeting && !blocks(request) && !(is_occupied && keeps_order(request))) {
    steps_.emplace_back(run(std::move(request)));
  } else if (waiting_.size() < kWaitingMax) {
    waiting_.push_back(std::move(request));
  } else {
    steps_.emplace_back(
        Answer{request.id, overloaded("Too many requests of this connection wait.")});
  }
}

SessionCore::Step SessionCore::run(WsRequest request) {
  const bool on_worker = blocks(request);
  if (on_worker) {
    is_working_ = true;
    working_id_ = request.id;
  }
  return Run{.request = std::move(request), .on_worker = on_worker};
}

std::optional<SessionCore::Step> SessionCore::next(bool has_backlog) {
  std::optional<Step> step;
  if (is_closed_) return step;
  if (!steps_.empty()) {
    step = std::move(steps_.front());
    steps_.pop_front();
  } else if (!is_working_ && !waiting_.empty() && !has_backlog) {
    step = run(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return step;
}

void SessionCore::on_no_worker() {
  const msg::Error busy{.code = msg::Code::overloaded,
                        .detail = "The server is busy.",
                        .field = {},
                        .retry_after = std::chrono::seconds{1}};
  if (protocol_.stage() == WsProtocol::Stage::greeting) return on_hello_refused(busy);
  is_working_ = false;
  steps_.emplace_back(Answer{working_id_, Problem{busy}});
}

void SessionCore::on_greeted() {
  protocol_.greeted(true);
  is_working_ = false;
}

void SessionCore::on_hello_refused(const msg::Error& error) {
  protocol_.greeted(false);
  is_working_ = false;
  steps_.emplace_back(Answer{working_id_, Problem{error}});
  // Whoever spoke on without waiting for the answer is told of each request.
  for (const auto& request : std::exchange(waiting_, {})) {
    steps_.emplace_back(Answer{request.id, {401, "unauthenticated", "Say hello first."}});
  }
  if (error.code == msg::Code::unauthenticated) {
    steps_.emplace_back(Close{WsClose::bad_token, "a valid token is needed"});
  }
}

bool SessionCore::on_hello_timeout() {
  if (protocol_.stage() == WsProtocol::Stage::awaiting_hello) {
    steps_.emplace_back(Close{WsClose::no_hello, "no hello"});
  }
  return protocol_.stage() == WsProtocol::Stage::greeting;
}

void SessionCore::on_closed() {
  is_closed_ = true;
  steps_.clear();
  waiting_.clear();
}

}  // namespace msgd
