// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "msg/status.h"
#include "store/sqlite/connection.h"

namespace msg::sqlite {

/// How long a snapshot waits for one of the reader connections to come free.
inline constexpr std::chrono::milliseconds kReaderWait{10'000};

/// A fixed number of reader connections, lent one at a time.
///
/// Thread safety: all of it from any thread. Outlives what it lends.
class ReaderPool {
 public:
  struct Return {
    ReaderPool* pool = nullptr;
    void operator()(Connection* connection) const { pool->give_back(connection); }
  };
  /// Rolls back and returns the connection when it ends.
  using Lease = std::unique_ptr<Connection, Return>;

  static Result<std::unique_ptr<ReaderPool>> open(const std::string& path, int size);

  /// overloaded: all were lent for the whole of `wait`.
  Result<Lease> borrow(std::chrono::milliseconds wait = kReaderWait);

 private:
  void give_back(Connection* connection);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> owned_;
  std::vector<Connection*> free_;  // The last returned is the first lent: its cache is warm.
};

}  // namespace msg::sqlite
