// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "messenger/view.h"
#include "msg/options.h"

namespace msg {

/// Makes the views of a page of conversations one after the other, and reads their last messages
/// ahead: as many at once as cannot be more than a few times page_bytes_max, because the page may
/// end behind any of them.
class ViewReader {
 public:
  ViewReader(Snapshot& snapshot, const Limits& limits);

  /// One more to come. `access` must outlive the reader.
  void add(const Access& access) { accesses_.push_back(&access); }
  /// Of the next one, in the order they were added.
  Result<ConversationView> next();

 private:
  Result<void> read_ahead();

  Snapshot& snapshot_;
  std::size_t ahead_max_;
  std::vector<const Access*> accesses_;
  std::size_t next_{0};
  std::deque<std::optional<Message>> ahead_;  ///< Of those from next_ on that have any.
};

}  // namespace msg
