// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/node_report.h"

namespace msg {

/// What the others on the store have said of themselves, and when. Has no input or output of its
/// own: `now` is what the clock says.
///
/// Thread safety: one thread at a time.
class NodeRoster {
 public:
  /// `process` names who says it, for as long as it lives: what it says comes in the order in which
  /// it was said.
  void take(std::string_view process, const NodeReport& report, Time now);

  /// As Nodes::list().
  std::vector<KnownNode> list(const NodeStatus& own, Time now) const;

  std::size_t size() const { return others_.size(); }

 private:
  struct Other {
    NodeStatus status;
    Time heard_at{};
    bool is_silent(Time now) const { return now - heard_at >= 3 * status.interval; }
  };
  using Others = std::map<std::string, Other, std::less<>>;

  void forget(Time now);
  bool make_room(Time now);

  Others others_;
};

}  // namespace msg
