// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "http/errors.h"
#include "http/message.h"
#include "msg/messenger.h"
#include "msg/nodes.h"
#include "msg/presence.h"
#include "msg/sign_in.h"
#include "ops/metrics.h"
#include "ops/rate_limits.h"
#include "ops/reported_presence.h"
#include "ops/worker_pool.h"

namespace msgd {

class JwtSignIn;

/// Who wants to be told of events, and from where on.
struct LiveRequest {
  msg::Principal principal;
  msg::UserId user{};
  std::optional<std::string> cursor;  ///< "" is everything; none is nothing old.
};

/// How a sync is answered.
struct SyncWait {
  int limit{0};
  std::chrono::milliseconds longest{0};  ///< It may take to have something to say.
  std::function<void()> park;            ///< As in Request.
  std::function<void(Outcome<Response>)> answer;
};

/// What handlers and live sessions are given to work with. Made and owned by App; outlives them.
struct Services {
  msg::Messenger& messenger;
  msg::Presence& presence;
  ReportedPresence& reported_presence;
  Metrics& metrics;
  msg::SignIn* sign_in{nullptr};    ///< Null where it is not set up.
  JwtSignIn* jwt_sign_in{nullptr};  ///< Likewise.

  RateLimits& limits;

  /// Runs a function that may block on the worker pool. False: the pool has too much to do, nothing
  /// happens.
  std::function<bool(std::function<void()>, Urgency)> offload;

  /// Runs a quick function once, later, on any thread.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;

  /// Close the live connections of what has just been revoked. Empty without live connections.
  std::function<void(msg::SessionId)> session_revoked;
  std::function<void(msg::ApiKeyId)> key_revoked;

  /// Adds what other parts count to the answer of /metrics. May be empty.
  std::function<void(std::string&)> append_metrics;

  /// This server and the others on its store that it hears of. May be empty.
  std::function<std::vector<msg::KnownNode>()> list_nodes;

  /// Begins a stream of events. Blocks.
  std::function<Outcome<StreamFactory>(LiveRequest)> open_stream;
  /// Answers a sync, now or when something happens. Blocks for the former.
  std::function<void(LiveRequest, SyncWait)> sync;

  /// Whether who shows no token may act as any user.
  bool no_authentication{false};

  /// Whether a user may open a conversation by phone number: msg::Messenger::open_direct_by_phone.
  bool phone_lookups{false};

  /// Whether /metrics answers anybody on this machine without a key.
  bool metrics_open{false};

  /// Set once when the process begins to end: not ready any more.
  std::atomic<bool> draining{false};
};

}  // namespace msgd
