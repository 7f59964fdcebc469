// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "store/kv/kv_engine.h"
#include "store/rocksdb/families.h"
#include "store/rocksdb/health.h"
#include "store/rocksdb/settings.h"
#include "store/rocksdb/write_overlay.h"

namespace msg::rocks {

/// The entries of kv_keys.h in a RocksDB database. A view is a snapshot; a batch is gathered in
/// memory and becomes one synced entry of the write-ahead log, over all families at once.
///
/// After a write that failed, or a failure in the background that RocksDB cannot mend, every
/// begin(), commit() and check() is unavailable until the database is opened again; reads go on.
///
/// Thread safety: as KvEngine.
class RocksEngine final : public KvEngine {
 public:
  struct Config {
    Budget budget;
    Health::Log log;
    rocksdb::Env* env = nullptr;  ///< Null: the machine's. For tests; must outlive the engine.
  };

  /// `path` is an existing directory by its one name. conflict: open elsewhere, or not a database
  /// of this library, or of a newer one; it is not written to. corrupt: damaged.
  static Result<std::unique_ptr<RocksEngine>> open(const std::string& path, const Config& config);

  RocksEngine(const RocksEngine&) = delete;
  RocksEngine& operator=(const RocksEngine&) = delete;
  /// Every view and batch must be gone.
  ~RocksEngine() override;

  Result<std::unique_ptr<KvView>> view() override;
  /// unavailable: one is open already.
  Result<std::unique_ptr<KvBatch>> begin() override;
  Result<void> check() override;
  /// Reads all files and compares them with their checksums.
  Result<std::vector<std::string>> inspect() override;

  /// What blocks, indexes, filters and write buffers hold at present.
  [[nodiscard]] std::size_t memory_bytes() const { return cache_->GetUsage(); }
  [[nodiscard]] rocksdb::DB& database() { return *database_; }

 private:
  class View;
  class Batch;

  RocksEngine(std::string path, std::shared_ptr<Health> health, const Settings& settings);

  rocksdb::ColumnFamilyHandle* handle_of(std::string_view key) const {
    return handles_[static_cast<std::size_t>(family_of(key))];
  }
  Result<bool> get(std::string_view key, const rocksdb::Snapshot* snapshot, std::string& value);
  Result<void> write(WriteOverlay& overlay);
  [[nodiscard]] Error read_error(const rocksdb::Status& status) const;

  std::string path_;
  std::shared_ptr<Health> health_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;

  std::atomic<bool> writing_ = false;
  std::vector<std::byte> scratch_;  // the writer's own, like what follows
  rocksdb::WriteBatch log_entry_;
};

}  // namespace msg::rocks
