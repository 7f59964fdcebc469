// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "raw_engine.h"

namespace msg::bench {

/// RocksDB as it is, without the library: a synced WriteBatch, an iterator, gets. The same keys and
/// values, in one family with RocksDB's own settings, and as much cache as the library may have.
class RawRocksdb final : public RawEngine {
 public:
  RawRocksdb(const std::string& directory, int rooms);
  ~RawRocksdb() override;
  void write(int batch) override;
  std::size_t read_page(int room, std::int64_t seq, int limit) override;
  std::size_t read_heads() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace msg::bench
