// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "report.h"

namespace msg::bench {

/// One round of one side. The CPU is what this process spent: the figure that others on the machine
/// change least.
struct Sample {
  double rate{0};                     ///< Operations per second.
  double cpu_us{0};                   ///< CPU of an operation.
  std::vector<float> latencies_us{};  ///< Of single calls; of raw engines: of commits.
};

class Stopwatch {
 public:
  Stopwatch();
  [[nodiscard]] double seconds() const;
  [[nodiscard]] Sample sample(std::int64_t operations) const;

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_;
};

/// Calls `work`, which returns how many operations it did, until the time is over.
Sample repeat(double seconds, const std::function<std::int64_t()>& work);

using Side = std::function<Sample()>;

/// Lets the baseline and ours take turns, because a machine is not the same from one second to the
/// next, and notes the medians over the rounds in the row: rate, ratio, latencies, CPU.
void compare(Row& row, int rounds, const Side& baseline, const Side& ours);

/// `share` of the values lie below it, 0.5 for the median. 0 when there are none.
double percentile(std::vector<double> values, double share);

}  // namespace msg::bench
