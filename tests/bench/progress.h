// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace msg::bench {

/// A bar on standard error, with the rate, the percent and the time that is left. Where nobody
/// watches (standard error is no terminal), a line per tenth.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::int64_t done);
  /// Work goes on after a pause, which is not to count: the rate is that since now.
  void go_on();

 private:
  using Clock = std::chrono::steady_clock;
  void print(double seconds) const;

  std::string what_;
  std::int64_t total_;
  bool is_watched_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_;
  std::int64_t done_{0};
  std::int64_t done_at_start_{0};
};

}  // namespace msg::bench
