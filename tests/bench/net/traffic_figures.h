// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "net/traffic.h"
#include "report.h"

namespace msg::bench {

/// What traffic has beyond the figures of compare(): the way from the send to the acknowledgement
/// and on to the receipt, and the CPU of both sides per 10,000 messages. Medians over the rounds.
class TrafficFigures {
 public:
  void add(const Traffic& traffic);
  void note(Row& row) const;

 private:
  std::vector<double> ack_p50_;
  std::vector<double> ack_p99_;
  std::vector<double> whole_p50_;
  std::vector<double> whole_p99_;
  std::vector<double> cpu_;
  std::vector<double> generator_;
};

}  // namespace msg::bench
