// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "msg/types.h"

namespace msgctl {

/// Where on the screen the ticks of own messages stand, counted in rows from the row that is
/// printed next, so that they can be written over.
class TickMarks {
 public:
  struct Change {
    std::int64_t rows_up{};
    msg::MessageState state{};
  };

  /// The next row printed is the first one of this message.
  void add(msg::Seq seq, msg::MessageState state);
  void printed(std::int64_t rows) { row_ += rows; }
  /// Rows are no longer where they were.
  void forget() { marks_.clear(); }

  /// Everything up to `seq` is `state`: what has to be written, of the last `height` rows.
  std::vector<Change> advance(msg::Seq seq, msg::MessageState state, std::int64_t height);

 private:
  static constexpr std::size_t kMarksMax = 500;  // more rows than a screen has

  struct Mark {
    msg::Seq seq{};
    msg::MessageState state{};
    std::int64_t row{};
  };
  std::deque<Mark> marks_;
  std::int64_t row_{0};
};

}  // namespace msgctl
