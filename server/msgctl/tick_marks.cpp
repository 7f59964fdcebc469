// SPDX-License-Identifier: Apache-2.0
#include "msgctl/tick_marks.h"

namespace msgctl {

void TickMarks::add(msg::Seq seq, msg::MessageState state) {
  marks_.push_back({.seq = seq, .state = state, .row = row_});
  if (marks_.size() > kMarksMax) marks_.pop_front();
}

std::vector<TickMarks::Change> TickMarks::advance(msg::Seq seq, msg::MessageState state,
                                                  std::int64_t height) {
  while (!marks_.empty() && row_ - marks_.front().row > height) marks_.pop_front();
  std::vector<Change> changes;
  for (auto& mark : marks_) {
    if (mark.seq > seq || mark.state >= state) continue;
    mark.state = state;
    changes.push_back({.rows_up = row_ - mark.row, .state = state});
  }
  return changes;
}

}  // namespace msgctl
