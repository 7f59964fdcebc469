// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "msg/messenger.h"
#include "ops/metrics.h"

namespace msgd {

/// What handlers and live sessions are given to work with. Made and owned by App; outlives them.
struct Services {
  msg::Messenger& messenger;
  Metrics& metrics;

  /// Runs a function that may block on the worker pool. False: the pool is full, nothing happens.
  std::function<bool(std::function<void()>)> offload;

  /// Runs a quick function once, later, on any thread.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;

  /// Close the live connections of what has just been revoked. Empty without live connections.
  std::function<void(msg::SessionId)> session_revoked;
  std::function<void(msg::ApiKeyId)> key_revoked;

  /// Adds what other parts count to the answer of /metrics. May be empty.
  std::function<void(std::string&)> append_metrics;

  /// Whether /metrics answers anybody on this machine without a key.
  bool metrics_open{false};

  /// Set once when the process begins to end: not ready any more.
  std::atomic<bool> draining{false};
};

}  // namespace msgd
