// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "msg/nodes.h"
#include "ops/services.h"

namespace msgd {

/// Says every few seconds how this server is, and knows what the others on its store say.
///
/// Lifetime: outlives the services' timer and workers. Thread safety: start() once; list() from any
/// thread.
class NodeReports {
 public:
  /// What other parts know; asked on the timer's thread and by list().
  struct Parts {
    std::uint64_t connections{0};
    std::optional<bool> bus_connected;
    std::optional<bool> cache_connected;
  };

  NodeReports(Services& services, std::function<Parts()> look, std::chrono::milliseconds interval);

  /// `address` and `port` are where it listens.
  void start(std::string_view address, std::uint16_t port);
  std::vector<msg::KnownNode> list() const { return nodes_.list(describe()); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Count {
    Clock::time_point at;
    std::uint64_t sends{0};
    std::uint64_t frames{0};
  };

  void tick();
  void measure();
  void check_store();
  Count count() const;
  msg::NodeStatus describe() const;

  Services& services_;
  const std::function<Parts()> look_;
  msg::Nodes nodes_;
  std::atomic<bool> store_ready_{true};
  std::atomic<bool> is_checking_{false};

  mutable std::mutex mutex_;
  msg::NodeStatus status_;  ///< What changes with each tick, or never. Guarded by mutex_.
  Count last_;              ///< Of the timer's thread.
};

}  // namespace msgd
