// SPDX-License-Identifier: Apache-2.0
#include "live/live_hub.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "http/dispatch.h"
#include "ops/log.h"

namespace msgd {
namespace {

/// What the connection owns of its session.
class Endpoint final : public WsEndpoint {
 public:
  Endpoint(std::shared_ptr<LiveSession> session, Metrics& metrics)
      : session_(std::move(session)), metrics_(metrics) {
    metrics_.ws_connections.fetch_add(1, std::memory_order_relaxed);
  }
  ~Endpoint() override {
    metrics_.ws_connections.fetch_sub(1, std::memory_order_relaxed);
    session_->on_closed();
  }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  void on_text(std::string_view text) override { session_->on_text(text); }
  void on_drained() override { session_->on_drained(); }
  void on_closed() override { session_->on_closed(); }

 private:
  std::shared_ptr<LiveSession> session_;
  Metrics& metrics_;
};

}  // namespace

std::unique_ptr<WsEndpoint> LiveHub::open(const Request& upgrade,
                                          std::shared_ptr<WsTransport> transport) {
  std::optional<std::string> token;
  if (const auto bearer = bearer_token(upgrade)) token = std::string{*bearer};
  auto session = std::make_shared<LiveSession>(services_, *this, std::move(transport), token);
  session->start(options_.hello_timeout);
  return std::make_unique<Endpoint>(std::move(session), services_.metrics);
}

void LiveHub::add(const std::shared_ptr<LiveSession>& session) {
  std::shared_ptr<LiveSession> oldest;
  {
    const std::scoped_lock lock(mutex_);
    auto& sessions = by_user_[session->user()];
    if (sessions.size() >= options_.sessions_per_user_max) {
      oldest = std::move(sessions.front());
      sessions.erase(sessions.begin());
    }
    sessions.push_back(session);
  }
  if (oldest) oldest->end(WsClose::too_many, "too many connections of this user");
}

void LiveHub::remove(const LiveSession& session) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_user_.find(session.user());
  if (found == by_user_.end()) return;
  std::erase_if(found->second, [&](const auto& other) { return other.get() == &session; });
  if (found->second.empty()) by_user_.erase(found);
}

void LiveHub::end_session(msg::SessionId session) {
  end_all([&](const msg::Principal& p) { return p.session && p.session->id == session; });
}

void LiveHub::end_key(msg::ApiKeyId key) {
  end_all([&](const msg::Principal& p) { return p.key && p.key->id == key; });
}

std::size_t LiveHub::session_count() const {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [user, sessions] : by_user_) count += sessions.size();
  return count;
}

void LiveHub::end_all(const std::function<bool(const msg::Principal&)>& concerned) {
  for (const auto& session : all()) {
    if (concerned(session->principal())) session->end(WsClose::bad_token, "the token was revoked");
  }
}

LiveHub::Sessions LiveHub::all() const {
  const std::scoped_lock lock(mutex_);
  Sessions sessions;
  for (const auto& [user, own] : by_user_) sessions.insert(sessions.end(), own.begin(), own.end());
  return sessions;
}

void LiveHub::check_tokens_later() {
  services_.after(options_.token_check_interval, [this] {
    // When no worker is free now, the next round comes soon enough.
    if (!services_.offload([this] { check_tokens(); })) check_tokens_later();
  });
}

/// A store to which nothing was committed since the last look has revoked nothing: an idle server
/// asks it one question, and not one for each session. A session that is new is asked for in any
/// case, because what was revoked while it said hello may lie before that look.
void LiveHub::check_tokens_now() {
  const auto position = services_.messenger.sync_position();
  const bool unmoved = position && *position == checked_position_;
  bool answered = position.has_value();
  for (const auto& session : all()) {
    if (!unmoved || !session->is_checked()) answered &= session->check_token();
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
