// SPDX-License-Identifier: Apache-2.0
#include "maintenance/record_stream.h"

namespace msg {

Result<const Record*> RecordStream::peek() {
  if (next_ < page_.size()) return &page_[next_];
  if (ended_) return nullptr;
  if (!page_.empty()) last_ = page_.back().key;
  passed_ += static_cast<std::int64_t>(page_.size());
  next_ = 0;
  MSG_TRY(page_, snapshot_.scan(table_, last_, {}));
  ended_ = page_.empty();
  if (on_page_) on_page_(passed_);
  return ended_ ? nullptr : &page_.front();
}

}  // namespace msg
