// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_session.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <type_traits>
#include <utility>

#include "msg/status.h"
#include "msgctl/conversation.h"

namespace msgctl {
namespace {

using std::chrono::milliseconds;

/// What a frame of the server's default size has room for beside the fields of a send.
constexpr std::size_t kTextBytesMax = 64 * 1024 - 512;

/// Why a server would close the connection instead of answering, so that it is not asked.
std::optional<Refusal> unsendable(const std::string& text) {
  const std::string encoded = boost::json::serialize(boost::json::string_view{text});
  boost::system::error_code ec;
  boost::json::parse(encoded, ec);
  if (ec) return Refusal{.code = "invalid_argument", .detail = "The text is not UTF-8."};
  if (encoded.size() > kTextBytesMax) {
    return Refusal{.code = "too_large", .detail = "The text is too long for one message."};
  }
  return std::nullopt;
}

/// 128 random bits: runs of this program never share a client_id.
std::string make_client_id_prefix() {
  std::random_device random;
  return fmt::format("msgctl-{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

}  // namespace

ChatSession::ChatSession(ChatSetup setup, ChatDisplay& display, Signals& signals)
    : setup_(std::move(setup)),
      display_(display),
      signals_(signals),
      model_(setup_.me),
      link_(model_, setup_.conversation.id, setup_.api.access()),
      client_(setup_.api.endpoint(), setup_.api.timeout()),
      client_id_prefix_(make_client_id_prefix()) {
  connect();
}

ChatSession::Wake ChatSession::wait(int input, milliseconds at_most) {
  flush();
  std::array<pollfd, 3> fds{{{.fd = client_.fd(), .events = POLLIN, .revents = 0},
                             {.fd = signals_.fd(), .events = POLLIN, .revents = 0},
                             {.fd = input, .events = POLLIN, .revents = 0}}};
  ::poll(fds.data(), fds.size(), milliseconds_to_next(at_most));
  if (fds[1].revents != 0) take_signals();
  if (fds[0].revents != 0) {
    for (const auto& event : client_.take()) take(event);
  }
  const auto now = Clock::now();
  if (reconnect_at_ && now >= *reconnect_at_) connect();
  model_.tick(now);
  flush();
  if (ended_) return Wake::ended;
  return fds[2].revents != 0 ? Wake::input : Wake::other;
}

void ChatSession::settle(milliseconds at_most) {
  const auto until = Clock::now() + at_most;
  while (model_.waiting() > 0 && model_.is_online()) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds{0} || wait(-1, left) == Wake::ended) return;
  }
}

bool ChatSession::say(std::string text) {
  if (auto why = unsendable(text)) {
    display_.show(ShowRefused{.entry = {.client_id = {}, .content = std::move(text)}, .why = *why});
    return true;
  }
  const bool taken = model_.type(fmt::format("{}-{}", client_id_prefix_, ++last_client_id_),
                                 std::move(text), Clock::now());
  flush();
  return taken;
}

void ChatSession::keystroke() {
  model_.keystroke(Clock::now());
}

bool ChatSession::want_older() {
  return model_.want_older();
}

void ChatSession::connect() {
  reconnect_at_.reset();
  client_.connect();
}

void ChatSession::take(const WsEvent& event) {
  if (std::holds_alternative<WsOpened>(event)) {
    client_.send(link_.hello());
  } else if (const auto* text = std::get_if<WsText>(&event)) {
    take_text(text->text);
  } else {
    take_closed(std::get<WsClosed>(event));
  }
}

void ChatSession::take_text(const std::string& text) {
  link_.take(text, Clock::now());
  if (link_.refusal()) return fail(*link_.refusal());
  if (!link_.is_live() || model_.is_online()) return;
  if (!opened_) {
    if (const auto opened = open_conversation(); !opened) {
      if (opened.error().exit != Exit::unreachable) return fail(opened.error());
      client_.drop();
      return lost(opened.error().text, {});
    }
    opened_ = true;
  }
  backoff_.reset();
  said_offline_ = false;
  model_.online(Clock::now());
  display_.online();
}

void ChatSession::take_closed(const WsClosed& closed) {
  const auto next = after_close(closed.code, closed.reason);
  if (closed.http_status == 401 || closed.http_status == 403 || closed.http_status == 404) {
    return fail({Exit::refused, "refused",
                 fmt::format("The server refused the WebSocket ({}).", closed.http_status)});
  }
  if (!next.retry) return fail({Exit::refused, "closed", "The server ended it: " + next.why + "."});
  lost(next.why, next.wait_min);
}

void ChatSession::take_signals() {
  for (const int number : signals_.take()) {
    if (number == SIGWINCH || number == SIGCONT) {
      display_.window_changed();
    } else {
      ended_ = true;
    }
  }
}

/// The state behind which the events of the live connection continue. Called once it is live, so
/// that nothing falls in between.
Outcome<void> ChatSession::open_conversation() {
  MSG_TRY(auto found, load_conversation(setup_.api, setup_.conversation.id, setup_.history));
  model_.opened(found.members, std::move(found.page), found.before, Clock::now());
  return {};
}

void ChatSession::lost(const std::string& why, milliseconds wait_min) {
  const auto now = Clock::now();
  link_.closed(now);
  const double random = std::uniform_real_distribution<double>{}(random_);
  reconnect_at_ = now + std::max(backoff_.next(random), wait_min);
  if (!std::exchange(said_offline_, true)) display_.offline(why);
}

void ChatSession::fail(Failure failure) {
  failure_ = std::move(failure);
  ended_ = true;
}

/// What is shown may be read at once, which makes new things to ask.
void ChatSession::flush() {
  while (true) {
    const auto asks = model_.take_asks();
    const auto shows = model_.take_shows();
    if (asks.empty() && shows.empty()) return;
    for (const auto& ask : asks) client_.send(link_.frame(ask));
    for (const auto& show : shows) {
      display_.show(show);
      const auto* shown = std::get_if<ShowMessage>(&show);
      if (shown != nullptr && shown->message.sender != setup_.me) {
        model_.seen(shown->message.id.seq, Clock::now());
      }
    }
  }
}

int ChatSession::milliseconds_to_next(milliseconds at_most) const {
  auto due = Clock::now() + at_most;
  if (reconnect_at_) due = std::min(due, *reconnect_at_);
  if (const auto tick = model_.next_tick()) due = std::min(due, *tick);
  const auto left = std::chrono::ceil<milliseconds>(due - Clock::now());
  return static_cast<int>(std::max(left, milliseconds{0}).count());
}

}  // namespace msgctl
