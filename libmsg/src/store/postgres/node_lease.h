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
/// Those below are for operators who number their processes themselves.
inline constexpr int kLeasedNodeMin = 24;

/// A node number that this process has for itself, for a time, which it prolongs as long as it
/// lives (Gray and Cheriton 1989). The server's clock says when another may have it. Two things
/// keep whoever was away or paused from using it any longer:
///
/// - its own steady clock, counted from before it asked: it does not even begin a commit;
/// - every commit asks, on its way, whether the number is still its own (Sql::check_lease), with
///   its writer's row locked, which who takes the number locks as well. So no clock has to be
///   right.
///
/// Who has lost its number takes another one with the same writer (the number modulo 24), and goes
/// on: the two take turns. See docs/adr/0029.
///
/// Thread safety: any thread.
class NodeLease {
 public:
  using Log = std::function<void(std::string_view line)>;

  struct Terms {
    std::chrono::milliseconds length = std::chrono::seconds(60);
    std::chrono::milliseconds margin = std::chrono::seconds(10);  ///< Not used at its end.
  };
  /// What a commit is made with.
  struct Tag {
    std::int64_t node{0};
    std::int64_t holder{0};
  };

  /// The lowest number that nobody has: the first 24 are different writers. unavailable: all are
  /// taken, or no server answers. `connector` must outlive it.
  static Result<std::unique_ptr<NodeLease>> take(Connector& connector, Log log, Terms terms);
  /// Gives it back, if the server is there.
  ~NodeLease();
  NodeLease(const NodeLease&) = delete;
  NodeLease& operator=(const NodeLease&) = delete;

  Tag tag() const;
  bool is_held() const;
  /// A commit was told that it is somebody else's.
  void doubt();

 private:
  using Clock = std::chrono::steady_clock;
  /// Which numbers to look through.
  struct Range {
    int first;
    int step;
  };

  NodeLease(Connector& connector, Log log, Terms terms);
  Result<std::string> ask(const std::string& sql);
  Result<void> take_one(Range range);
  Result<bool> claim(int node);
  void prolong_until_end();
  bool prolong();
  bool take_another();
  void hold(std::int64_t node, Clock::time_point asked);

  Connector& connector_;
  const Log log_;
  const Terms terms_;
  const std::int64_t holder_;
  std::unique_ptr<Connection> connection_;  ///< Of the thread, once that runs.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::int64_t node_{0};
  Clock::time_point held_until_;
  bool doubted_{false};
  bool stopping_{false};
  std::thread thread_;  // last: it uses all the others
};

}  // namespace msg::postgres
