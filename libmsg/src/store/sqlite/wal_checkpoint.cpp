// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wal_checkpoint.h"

namespace msg::sqlite {

void WalCheckpoint::run_if_due() {
  const int pages = writer_.wal_pages();
  if (pages < seen_pages_) next_at_ = pages_;  // The log has started over.
  seen_pages_ = pages;
  if (pages < next_at_ || writer_.medium_failed()) return;
  // Not again at the next commit: while a reader keeps the log from starting over there is little
  // new to copy each time, and an fsync to pay.
  next_at_ = pages + pages_;
  const bool far = pages >= kTruncateFactor * pages_;
  const auto done = writer_.checkpoint(far ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
                                       far ? kTruncateWaitMs : 0);
  if (!done && log_) log_("sqlite: checkpoint failed: " + done.error().detail);
}

}  // namespace msg::sqlite
