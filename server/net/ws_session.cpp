// SPDX-License-Identifier: Apache-2.0
#include "net/ws_session.h"

#include <string_view>
#include <utility>

#include "ops/log.h"

namespace msgd {

WsSession::WsSession(const std::shared_ptr<ServerContext>& context, IoThread& io, NetStream stream,
                     std::optional<Admission::Ticket> ticket)
    : PushConnection(context, io, std::move(stream), std::move(ticket), context->websockets),
      parser_(options().ws),
      factory_(context->ws_factory) {}

void WsSession::start(const Request& upgrade, std::string answer, std::string rest) {
  const auto make = [&](std::shared_ptr<WsTransport> transport) {
    return factory_(upgrade, std::move(transport));
  };
  run(make, std::move(answer), std::move(rest));
}

void WsSession::add_control(std::vector<SharedFrame>& out) {
  if (pong_ != nullptr) out.push_back(std::exchange(pong_, nullptr));
}

SharedFrame WsSession::keep_alive_frame() {
  return make_ping_frame();
}

SharedFrame WsSession::closing_frame(std::uint16_t code, std::string_view reason) {
  return make_close_frame(code, reason);
}

void WsSession::take(std::span<char> bytes) {
  const TimePoint now = IoThread::now();
  while (!gone() && !bytes.empty() && !discarding()) {
    const WsEvent event = parser_.next(bytes, now);
    if (event.kind == WsEvent::Kind::need_more) return;
    take_event(event);
  }
  if (discarding()) discard(bytes.size());
}

void WsSession::take_event(const WsEvent& event) {
  switch (event.kind) {
    case WsEvent::Kind::text:
      if (!closing() && endpoint() != nullptr) {
        guarded([&] { endpoint()->on_text(event.payload); });
      }
      break;
    case WsEvent::Kind::ping:
      pong_ = make_pong_frame(event.payload);
      wake_writer();
      break;
    case WsEvent::Kind::close:
      discard_from_here();
      close(event.code, {});
      break;
    case WsEvent::Kind::violation:
      discard_from_here();
      log_info("ws.violation", {{"code", event.code}, {"why", event.payload}});
      close(event.code, std::string(event.payload));
      break;
    case WsEvent::Kind::pong:
    case WsEvent::Kind::need_more:
      break;
  }
}

}  // namespace msgd
