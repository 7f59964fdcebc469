// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "net/link.h"
#include "net/poller.h"
#include "net/server_process.h"

namespace msg::bench {

/// Links that are in one conversation: the first sends, all others receive.
struct Room {
  std::string conversation;  ///< Its id, for msgd.
  std::vector<std::uint32_t> links;
};

/// How messages come.
struct Pace {
  /// So many of a room are on their way at any time; 0 with a rate.
  int window{1};
  /// On their way: until acknowledged, or until every receiver has it as well.
  bool until_received{false};
  /// Messages per second in all, at even distances; 0 with a window. What is late counts from
  /// when it was due.
  double rate{0};
  double seconds{1};
};

/// What became of the messages that were sent within the time.
struct Traffic {
  double messages{0};            ///< Per second, acknowledged.
  double deliveries{0};          ///< Per second, to others than the sender.
  double seconds{0};             ///< That was measured.
  double server_cpu_us{0};       ///< Of a message; of all servers.
  std::vector<double> cpu_us{};  ///< Of a message, by meter.
  double generator_cpu_us{0};
  double sends{0};                  ///< How many were measured.
  std::vector<float> ack_us{};      ///< From send to acknowledgement.
  std::vector<float> receipt_us{};  ///< From acknowledgement to receipt, not below 0.
  std::vector<float> whole_us{};    ///< From send to receipt.
};

/// Sends messages of 100 bytes with a client_id each and checks that every one is acknowledged and
/// reaches every receiver once: else the program ends.
Traffic run_traffic(const ServerProcess& server, std::vector<Link>& links,
                    const std::vector<Room>& rooms, const Pace& pace);

/// CPU seconds that something has used so far.
using CpuMeter = std::function<double()>;

/// The same on several servers, the first meter's, and with what else works for them.
Traffic run_traffic(const std::vector<CpuMeter>& meters, std::vector<Link>& links,
                    const std::vector<Room>& rooms, const Pace& pace);

}  // namespace msg::bench
