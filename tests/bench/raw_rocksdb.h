// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace msg::bench {

/// RocksDB as it is, without the library: what a send writes, `batch` sends to a synced WriteBatch.
/// The same keys and values of the same sizes, in one family with RocksDB's own settings.
class RawRocksdb {
 public:
  explicit RawRocksdb(const std::string& directory);
  ~RawRocksdb();
  RawRocksdb(const RawRocksdb&) = delete;
  RawRocksdb& operator=(const RawRocksdb&) = delete;

  /// Returns `batch`.
  int write(int batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace msg::bench
