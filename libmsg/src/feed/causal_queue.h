// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>

#include "core/horizon.h"
#include "feed/live_subscription.h"
#include "feed/news.h"

namespace msg {

/// Puts the commits of several writers into an order in which each comes after all that it may have
/// been built on, whatever the order in which they are heard of (causal delivery: Birman and
/// Joseph, "Reliable Communication in the Presence of Failures", 1987; with version vectors as of
/// Schwarz and Mattern, 1994).
///
/// So what was told, reached(), is at any time a state in which the store could have been: a sync
/// from there misses nothing. From take_out_of_order() on that is so again after the next jump().
///
/// Thread safety: none.
class CausalQueue {
 public:
  explicit CausalQueue(const Position& start) : reached_(start) {}

  /// What was told already, or waits already, is dropped.
  void add(News&& news);

  /// The next whose turn it is. It counts as reached from told() on.
  std::optional<News> take();
  /// The next of any writer, whose turn may not have come: nothing but that writer's own order is
  /// kept, and there may be a gap in that, too.
  std::optional<News> take_out_of_order();
  void told(const News& news);

  /// All of it, and nothing else, is known now. What waits and is of it is dropped.
  void jump(const Position& position);

  const Position& reached() const { return reached_; }
  /// How much waits: news, their items, and 256 bytes of content count one each.
  std::size_t size() const { return size_; }
  /// When the first of those that wait, each the next of its writer, was heard of.
  std::optional<std::chrono::steady_clock::time_point> waits_since() const;

 private:
  using Waiting = std::map<Version, News>;  // by their last versions

  bool is_turn_of(const News& news) const;
  News extract(Waiting& waiting);

  Position reached_;
  std::array<Waiting, kWritersMax> waiting_;
  std::size_t size_{0};
};

}  // namespace msg
