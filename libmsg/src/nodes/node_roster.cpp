// SPDX-License-Identifier: Apache-2.0
#include "nodes/node_roster.h"

#include <algorithm>
#include <tuple>

namespace msg {
namespace {

bool is_recent(Time heard, Time now) {
  return std::chrono::abs(now - heard) < kNodeForgottenAfter;
}

/// Whether `one` has its place after `other` had it.
bool succeeds(const KnownNode& one, const KnownNode& other) {
  return one.status.host == other.status.host && one.status.address == other.status.address &&
         one.status.started_at > other.status.started_at;
}

}  // namespace

void NodeRoster::take(std::string_view process, const NodeReport& report, Time now) {
  forget(now);
  const auto known = others_.find(process);
  const bool is_known = known != others_.end();
  if (report.leaves) {
    if (is_known) others_.erase(known);
    return;
  }
  const Other other{.status = report.status, .heard_at = now};
  if (is_known) {
    known->second = other;
  } else if (make_room(now)) {
    others_.emplace(process, other);
  }
}

std::vector<KnownNode> NodeRoster::list(const NodeStatus& own, Time now) const {
  std::vector<KnownNode> all{{.status = own, .seen_at = now, .is_self = true}};
  for (const auto& [process, other] : others_) {
    if (!is_recent(other.heard_at, now)) continue;
    all.push_back(
        {.status = other.status, .seen_at = other.heard_at, .is_silent = other.is_silent(now)});
  }
  std::vector<KnownNode> shown;
  std::ranges::copy_if(all, std::back_inserter(shown), [&](const KnownNode& one) {
    const auto has_its_place = [&](const KnownNode& other) { return succeeds(other, one); };
    return !one.is_silent || std::ranges::none_of(all, has_its_place);
  });
  std::ranges::sort(shown, {}, [](const KnownNode& one) {
    return std::tuple(one.status.node, one.status.started_at, one.status.address);
  });
  return shown;
}

/// Also who was heard in a future that the clock has taken back.
void NodeRoster::forget(Time now) {
  std::erase_if(others_, [&](const auto& entry) { return !is_recent(entry.second.heard_at, now); });
}

/// Whoever speaks keeps their place.
bool NodeRoster::make_room(Time now) {
  if (others_.size() + 1 < kNodesMax) return true;
  const auto oldest = std::ranges::min_element(
      others_, {}, [](const auto& entry) { return entry.second.heard_at; });
  if (!oldest->second.is_silent(now)) return false;
  others_.erase(oldest);
  return true;
}

}  // namespace msg
