// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/health.h"

namespace msg::rocks {

Result<void> Health::check() const {
  if (!failed_.load(std::memory_order_acquire)) return {};
  return fail(Code::unavailable, "a write to the disk has failed; close the store and reopen it");
}

void Health::write_failed(const rocksdb::Status& status) {
  if (failed_.exchange(true, std::memory_order_acq_rel)) return;
  log("rocksdb: a write failed, no more are accepted: " + status.ToString());
}

void Health::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                                  rocksdb::Status /*error*/, bool* recover) {
  *recover = false;
}

void Health::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) {
  // Softer ones, as a compaction that is tried again, leave what was acknowledged alone.
  if (error->severity() >= rocksdb::Status::Severity::kHardError) return write_failed(*error);
  log("rocksdb: work in the background failed: " + error->ToString());
}

}  // namespace msg::rocks
