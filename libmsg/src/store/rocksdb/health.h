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
