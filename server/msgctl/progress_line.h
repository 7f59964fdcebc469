// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "msg/maintenance.h"

namespace msgctl {

/// "1,234,567".
std::string with_separators(std::int64_t number);

/// What is said of a moment of long work, "copying messages: 45 %, 1,234,567 rows, 81,000/s"; no
/// rate while it is 0.
std::string words_of(const msg::Progress& progress, std::int64_t rows_per_second);

/// Shows how far long work has come: on a terminal in one line that is rewritten a few times a
/// second, elsewhere as a line for each table and, in a long one, every ten seconds.
///
/// Thread safety: none.
class ProgressLine {
 public:
  ProgressLine(std::FILE* out, bool quiet);

  void show(const msg::Progress& progress);
  /// Leaves the line, so that others can be printed.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void print(const msg::Progress& progress);

  std::FILE* out_;
  bool quiet_;
  bool in_place_;
  bool is_dirty_{false};
  std::optional<msg::Progress> last_;  ///< Of the table that is under way.
  std::int64_t first_rows_{0};
  Clock::time_point begun_;
  Clock::time_point shown_;
};

}  // namespace msgctl
