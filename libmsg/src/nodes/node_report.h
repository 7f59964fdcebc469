// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "msg/nodes.h"

namespace msg {

/// What a process says of itself to the others.
struct NodeReport {
  bool leaves{false};
  NodeStatus status;  ///< Empty when it leaves.
};

std::string encode(const NodeReport& report);
/// Nothing when it is none.
std::optional<NodeReport> decode_report(std::string_view bytes);

}  // namespace msg
