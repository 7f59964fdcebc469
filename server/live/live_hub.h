// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/message.h"
#include "live/live_client.h"
#include "msg/types.h"
#include "net/ws_transport.h"
#include "ops/services.h"

namespace msgd {

struct LiveOptions {
  std::size_t sessions_per_user_max{16};
  std::chrono::milliseconds hello_timeout{10'000};
  /// What hello tells of the network layer.
  std::size_t frame_bytes_max{64 * 1024};
  std::chrono::milliseconds ping_interval{30'000};
  /// A revoked token ends its session within this time and one look into the store. Revoking
  /// through this server ends it at once.
  std::chrono::milliseconds token_check_interval{4'000};
};

/// All that is told of events as they come, by user: sessions on WebSockets and event streams, and
/// requests that wait. One more than sessions_per_user_max ends the user's oldest with 4503; one
/// whose token was revoked is ended with 4401.
///
/// Thread safety: all calls from any thread.
class LiveHub {
 public:
  /// `services` must outlive the hub; the hub must outlive every endpoint it makes and every work
  /// in the services' timer.
  LiveHub(Services& services, LiveOptions options) : services_(services), options_(options) {}

  /// Also while the server ends: the connection is then told as all others are. Blocks.
  Outcome<StreamFactory> open_stream(LiveRequest request);

  /// The server ends. Requests that wait are answered one after the other within `spread`. Sessions
  /// are told by their connections.
  void begin_drain(std::chrono::milliseconds spread);

  /// Answers all requests that wait. After it only services.draining keeps others from waiting.
  void stop();

  /// Begins to look after revoked tokens.
  void start() { check_tokens_later(); }

  /// The endpoint of a new connection.
  std::unique_ptr<WsEndpoint> open(const Request& upgrade, std::shared_ptr<WsTransport> transport);

  void add(const std::shared_ptr<LiveClient>& client);
  /// Nothing happens when it is not there.
  void remove(const LiveClient& client);

  /// Closes what the login, or the key, has opened.
  void end_session(msg::SessionId session);
  void end_key(msg::ApiKeyId key);

  /// Looks whether their tokens are still good, because somebody says that they are not. Blocks.
  void recheck_session(msg::SessionId session);
  void recheck_key(msg::ApiKeyId key);

  std::size_t session_count() const;
  const LiveOptions& options() const { return options_; }

 private:
  using Clients = std::vector<std::shared_ptr<LiveClient>>;

  void check_tokens_later();
  void check_tokens();
  void check_tokens_now();
  Clients all() const;
  void end_all(const std::function<bool(const msg::Principal&)>& concerned);

  Services& services_;
  const LiveOptions options_;
  mutable std::mutex mutex_;
  std::unordered_map<msg::UserId, Clients> by_user_;  // the oldest first

  std::mutex checking_;  ///< Held by the one who checks tokens; guards what follows.
  std::chrono::steady_clock::time_point all_checked_at_;
  std::string checked_position_;  ///< Of the store when all were looked at last, or "".
};

}  // namespace msgd
