// SPDX-License-Identifier: Apache-2.0
#include "net/event_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "http/json_write.h"

namespace msgd {

EventStream::EventStream(const std::shared_ptr<ServerContext>& context, IoThread& io,
                         NetStream stream, std::optional<Admission::Ticket> ticket)
    : PushConnection(context, io, std::move(stream), std::move(ticket), context->event_streams) {}

void EventStream::start(const StreamFactory& make_endpoint, std::string head) {
  const auto patience = static_cast<unsigned>(options().ws_silence_timeout.count());
  set_option(IPPROTO_TCP, TCP_USER_TIMEOUT, patience);
  discard_from_here();
  run(make_endpoint, std::move(head), {});
}

SharedFrame EventStream::keep_alive_frame() {
  static const auto comment = std::make_shared<const std::string>(":\n\n");
  return comment;
}

// `retry` is the one thing a browser understands of it: how long it waits before it connects again.
SharedFrame EventStream::closing_frame(std::uint16_t code, std::string_view reason) {
  constexpr std::string_view delay = "retry_after_ms=";
  std::string frame{"event: close\n"};
  if (reason.starts_with(delay)) {
    frame.append("retry: ").append(reason.substr(delay.size())).append("\n");
  }
  frame += "data: ";
  JsonObject(frame).text("event", "close").number("code", code).text("reason", reason);
  frame += "\n\n";
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace msgd
