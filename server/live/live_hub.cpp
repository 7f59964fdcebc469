// SPDX-License-Identifier: Apache-2.0
#include "live/live_hub.h"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "http/credentials.h"
#include "live/live_session.h"
#include "live/live_start.h"
#include "msg/sessions.h"
#include "ops/log.h"

namespace msgd {
namespace {

bool is_of(const msg::Principal& principal, msg::SessionId session) {
  return principal.session && principal.session->id == session;
}

bool is_of(const msg::Principal& principal, msg::ApiKeyId key) {
  return principal.key && principal.key->id == key;
}

/// What the connection owns of its session.
class Endpoint final : public WsEndpoint {
 public:
  /// `open`: how many of its kind are.
  Endpoint(std::shared_ptr<LiveSession> session, Metrics::Counter& open)
      : session_(std::move(session)), open_(open) {
    open_.fetch_add(1, std::memory_order_relaxed);
  }
  ~Endpoint() override {
    open_.fetch_sub(1, std::memory_order_relaxed);
    session_->on_closed();
  }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void on_text(std::string_view text) override { session_->on_text(text); }
  void on_drained() override { session_->on_drained(); }
  void on_shutdown(std::chrono::milliseconds reconnect_delay) override {
    session_->on_shutdown(reconnect_delay);
  }
  void on_closed() override { session_->on_closed(); }

 private:
  std::shared_ptr<LiveSession> session_;
  Metrics::Counter& open_;
};

}  // namespace

std::unique_ptr<WsEndpoint> LiveHub::open(const Request& upgrade,
                                          std::shared_ptr<WsTransport> transport) {
  // Connecting costs a session, and the store is asked for each token.
  const auto judged = services_.limits.judge(RateClass::other, {.address = upgrade.peer});
  if (!judged.verdict.allowed) {
    transport->close(static_cast<std::uint16_t>(WsClose::too_often),
                     restart_reason(rate_limited(judged.verdict.retry_after).retry_after));
    return nullptr;
  }
  const auto text = [](std::optional<std::string_view> view) {
    return view ? std::optional(std::string{*view}) : std::nullopt;
  };
  auto session = std::make_shared<LiveSession>(services_, *this, std::move(transport),
                                               text(token_of(upgrade)), text(ticket_of(upgrade)));
  session->start(options_.hello_timeout);
  return std::make_unique<Endpoint>(std::move(session), services_.metrics.ws_connections);
}

// While the server drains it is opened, too, and told to come back: a browser whose EventSource was
// refused does not try again.
Outcome<StreamFactory> LiveHub::open_stream(LiveRequest request) {
  const auto feed = std::make_shared<LiveFeed>(services_, nullptr, FrameStyle::event_stream);
  MSG_TRY(auto prepared, prepare_live(services_.messenger, std::move(request), *feed));
  const auto start = std::make_shared<LiveStart>(std::move(prepared));
  return [this, feed, start](std::shared_ptr<WsTransport> transport) {
    feed->attach(transport);
    auto session = std::make_shared<LiveSession>(services_, *this, std::move(transport), feed);
    session->begin_stream(*start);
    return std::make_unique<Endpoint>(std::move(session), services_.metrics.event_streams);
  };
}

void LiveHub::begin_drain(std::chrono::milliseconds spread) {
  std::mt19937_64 random{std::random_device{}()};
  const auto clients = all();
  spread = std::min(spread, std::chrono::milliseconds{5} * std::ssize(clients));
  std::uniform_int_distribution<std::int64_t> turns(0, spread.count());
  for (const auto& client : clients) {
    const std::chrono::milliseconds turn{turns(random)};
    services_.after(turn, [weak = std::weak_ptr(client)] {
      if (const auto waiting = weak.lock()) waiting->shut_down();
    });
  }
}

void LiveHub::stop() {
  for (const auto& client : all()) client->shut_down();
}

void LiveHub::add(const std::shared_ptr<LiveClient>& client) {
  std::shared_ptr<LiveClient> oldest;
  {
    const std::scoped_lock lock(mutex_);
    auto& clients = by_user_[client->user()];
    if (clients.size() >= options_.sessions_per_user_max) {
      oldest = std::move(clients.front());
      clients.erase(clients.begin());
    }
    clients.push_back(client);
  }
  if (oldest) oldest->end(WsClose::too_many, "too many connections of this user");
}

void LiveHub::remove(const LiveClient& client) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_user_.find(client.user());
  if (found == by_user_.end()) return;
  std::erase_if(found->second, [&](const auto& other) { return other.get() == &client; });
  if (found->second.empty()) by_user_.erase(found);
}

void LiveHub::end_session(msg::SessionId session) {
  end_all([&](const msg::Principal& p) { return is_of(p, session); });
}

void LiveHub::end_key(msg::ApiKeyId key) {
  end_all([&](const msg::Principal& p) { return is_of(p, key); });
}

void LiveHub::recheck_session(msg::SessionId session) {
  const std::scoped_lock lock(checking_);
  for (const auto& client : all()) {
    if (is_of(client->principal(), session)) client->check_token();
  }
}

void LiveHub::recheck_key(msg::ApiKeyId key) {
  const std::scoped_lock lock(checking_);
  for (const auto& client : all()) {
    if (is_of(client->principal(), key)) client->check_token();
  }
}

std::size_t LiveHub::session_count() const {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [user, sessions] : by_user_) count += sessions.size();
  return count;
}

void LiveHub::end_all(const std::function<bool(const msg::Principal&)>& concerned) {
  for (const auto& client : all()) {
    if (concerned(client->principal())) client->end(WsClose::bad_token, "the token was revoked");
  }
}

LiveHub::Clients LiveHub::all() const {
  const std::scoped_lock lock(mutex_);
  Clients clients;
  for (const auto& [user, own] : by_user_) clients.insert(clients.end(), own.begin(), own.end());
  return clients;
}

void LiveHub::check_tokens_later() {
  services_.after(options_.token_check_interval, [this] {
    // When no worker is free now, the next round comes soon enough.
    if (!services_.offload([this] { check_tokens(); }, Urgency::normal)) check_tokens_later();
  });
}

/// A store to which nothing was committed since the last look has revoked nothing: an idle server
/// asks it one question, and not one for each client. A client that is new is asked for in any
/// case, because what was revoked while it said hello may lie before that look;
/// so is one whose session has become too old. Now and then all are, which keeps their sessions in
/// use.
void LiveHub::check_tokens_now() {
  const std::scoped_lock lock(checking_);
  const auto position = services_.messenger.sync_position();
  const auto now = std::chrono::steady_clock::now();
  const bool is_enough =
      position && *position == checked_position_ && now - all_checked_at_ < msg::kLastSeenStep;
  if (!is_enough) all_checked_at_ = now;
  bool answered = position.has_value();
  const msg::Sessions sessions(services_.messenger);
  for (const auto& client : all()) {
    const auto& session = client->principal().session;
    const bool is_too_old = session && sessions.is_too_old(*session);
    if (!is_enough || !client->is_checked() || is_too_old) answered &= client->check_token();
  }
  checked_position_ = answered ? *position : std::string{};
}

void LiveHub::check_tokens() {
  try {
    check_tokens_now();
  } catch (const std::exception& error) {
    log_error("ws.token_check_failed", {{"why", error.what()}});
  }
  check_tokens_later();
}

}  // namespace msgd
