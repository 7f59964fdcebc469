// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg::rocks {

/// Whether writes can be trusted. After the first that failed, nobody knows what the disk has: a
/// second fsync may succeed without having written what the first one lost. So it is final; only
/// opening again, which reads what is there, starts anew.
///
/// Thread safety: any thread.
class Health final : public rocksdb::EventListener {
 public:
  using Log = std::function<void(std::string_view)>;
  explicit Health(Log log) : log_(std::move(log)) {}

  /// unavailable: a write has failed.
  [[nodiscard]] Result<void> check() const;
  /// From now on writes are refused.
  void write_failed(const rocksdb::Status& status);

  /// No: as soon as there is space again, RocksDB would write its buffers out, family by family.
  /// Closed or killed between two of them, a store whose log ends in a torn entry does not open.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* recover) override;

  /// RocksDB's threads could not write a file or found damage.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;

 private:
  void log(const std::string& line) const {
    if (log_) log_(line);
  }

  Log log_;
  std::atomic<bool> failed_ = false;
};

}  // namespace msg::rocks
