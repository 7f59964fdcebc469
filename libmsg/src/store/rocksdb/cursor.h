// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string_view>

#include "store/kv/kv_engine.h"

namespace msg::rocks {

/// One seek into a range and what follows it, in either direction, never beyond the range.
///
/// Lifetime: database, snapshot and range must outlive it. Thread safety: one thread at a time.
class Cursor {
 public:
  /// `snapshot` null: the newest commit.
  Cursor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family,
         const rocksdb::Snapshot* snapshot, const KvRange& range, KvDirection direction);

  [[nodiscard]] bool valid() const { return iterator_->Valid(); }
  [[nodiscard]] std::string_view key() const { return iterator_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const { return iterator_->value().ToStringView(); }
  void next();
  /// Why it became invalid: ok at the end of the range.
  [[nodiscard]] rocksdb::Status status() const { return iterator_->status(); }

 private:
  rocksdb::Slice begin_;  // RocksDB keeps pointers to both
  rocksdb::Slice end_;
  KvDirection direction_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace msg::rocks
