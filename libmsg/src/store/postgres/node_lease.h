// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/postgres/pool.h"

namespace msg::postgres {

inline constexpr const char* kLeaseIsOver = "the lease of this process's node number is over";

/// A node number that this process has for itself, for a time, which it prolongs as long as it
/// lives (Gray and Cheriton 1989). The server's clock says when another may have it; this process
/// stops using it earlier by its own, which need not agree with that one, only run as fast: it
/// counts from before it asked. So a process that was away, or paused, makes no more ids before
/// anybody else makes some with the number.
///
/// Thread safety: any thread.
class NodeLease {
 public:
  using Log = std::function<void(std::string_view line)>;

  struct Terms {
    std::chrono::milliseconds length = std::chrono::seconds(60);
    std::chrono::milliseconds margin = std::chrono::seconds(10);  ///< Not used at its end.
  };

  /// The lowest number that nobody has: the first 24 are different writers. unavailable: all are
  /// taken, or no server answers.
  static Result<std::unique_ptr<NodeLease>> take(Connector& connector, Log log, Terms terms);
  /// Gives it back, if the server can be had.
  ~NodeLease();
  NodeLease(const NodeLease&) = delete;
  NodeLease& operator=(const NodeLease&) = delete;

  int node() const { return node_; }
  bool is_held() const;

 private:
  NodeLease(Connector& connector, Log log, Terms terms);
  Result<bool> ask(const std::string& sql);
  Result<bool> take_one();
  void prolong_until_end();
  void prolong();

  Connector& connector_;
  const Log log_;
  const Terms terms_;
  const std::int64_t holder_;
  int node_{0};
  std::unique_ptr<Connection> connection_;  ///< Of the thread, once that runs.
  std::string answer_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::chrono::steady_clock::time_point held_until_;
  bool lost_{false};
  bool stopping_{false};
  std::thread thread_;  // last: it uses all the others
};

}  // namespace msg::postgres
