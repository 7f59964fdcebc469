// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "msg/messenger.h"
#include "msg/types.h"

namespace msg {

/// How a process on a store is, in its own words. Texts are UTF-8 of at most kNodeTextBytesMax
/// bytes; others are told as empty.
struct NodeStatus {
  int node{0};          ///< Messenger::node().
  std::string version;  ///< Of the program.
  std::string host;     ///< Its machine.
  std::string address;  ///< Where it listens.
  Time started_at{};
  /// How often it says so. Three of these without a word, and it counts as silent.
  std::chrono::milliseconds interval{5'000};
  std::uint64_t connections{0};
  double sends_per_second{0};           ///< Known to a tenth.
  double frames_per_second{0};          ///< Likewise: frames and stream events sent to clients.
  bool store_ready{true};               ///< Messenger::check().
  std::optional<bool> bus_connected;    ///< Nothing: it has none.
  std::optional<bool> cache_connected;  ///< Likewise.
  bool operator==(const NodeStatus&) const = default;
};
inline constexpr std::size_t kNodeTextBytesMax = 128;

/// Of the own process as it is now, of another as it was when it was heard.
struct KnownNode {
  NodeStatus status;
  Time seen_at{};
  bool is_self{false};
  bool is_silent{false};
  bool operator==(const KnownNode&) const = default;
};

/// Of processes that said nothing for so long nothing is known any more. A process whose clock is
/// wrong by more than this is not heard.
inline constexpr std::chrono::minutes kNodeForgottenAfter{10};
/// Processes of which anything is known; of more than that the longest silent ones are forgotten.
inline constexpr std::size_t kNodesMax = 256;

struct NodesOptions {
  /// As Options::clock.
  std::function<Time()> clock = Options{}.clock;
};

/// The processes on one store, as far as they tell each other by Options::bus. In memory only, and
/// for people to look at: a process that is not heard may be well, and the bus away.
///
/// Thread safety: all calls from any thread.
class Nodes {
 public:
  /// `messenger` must outlive it. Without a bus, or on a store of this process alone, it knows of
  /// this one only.
  explicit Nodes(Messenger& messenger, NodesOptions options = {});
  ~Nodes();  ///< Tells the others that it goes, so that they forget it.
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  /// To be called once per `own.interval`. Never waits.
  void tell(const NodeStatus& own);

  /// All of them, by node number. A silent one is left out when another has begun since in the same
  /// place: host and address.
  std::vector<KnownNode> list(const NodeStatus& own) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace msg
