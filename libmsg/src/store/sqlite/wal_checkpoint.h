// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "store/sqlite/connection.h"

namespace msg::sqlite {

/// 32 MiB. SQLite's default of 1,000 costs a quarter of the throughput: 15,300 messages/s against
/// 20,500, since a page that many commits change is then copied that much more often.
inline constexpr int kCheckpointPages = 8'000;
/// At 128 MiB: readers that overlap without a gap keep the log from starting over; from here on the
/// writer waits for them a moment.
inline constexpr int kTruncateFactor = 4;
inline constexpr int kTruncateWaitMs = 100;

/// When the writer copies the write-ahead log into the database file.
///
/// Thread safety: one thread at a time, that of the writer connection, which must outlive it.
class WalCheckpoint {
 public:
  using Log = std::function<void(std::string_view)>;
  WalCheckpoint(Connection& writer, Log log, int pages)
      : writer_(writer), log_(std::move(log)), pages_(pages), next_at_(pages) {}

  /// Call it between transactions.
  void run_if_due();

 private:
  Connection& writer_;
  Log log_;
  int pages_;
  int seen_pages_ = 0;
  int next_at_;
};

}  // namespace msg::sqlite
