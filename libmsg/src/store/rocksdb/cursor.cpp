// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/cursor.h"

#include "store/rocksdb/families.h"

namespace msg::rocks {
namespace {

/// Filters know scopes: they may be asked when the range lies in one, and only then.
bool in_one_scope(const KvRange& range) {
  return range.begin.size() >= kScopeBytes &&
         range.begin.compare(0, kScopeBytes, range.end, 0, kScopeBytes) == 0;
}

}  // namespace

Cursor::Cursor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family,
               const rocksdb::Snapshot* snapshot, const KvRange& range, KvDirection direction)
    : begin_(range.begin), end_(range.end), direction_(direction) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.iterate_lower_bound = &begin_;
  options.iterate_upper_bound = &end_;
  options.prefix_same_as_start = in_one_scope(range);
  options.total_order_seek = !options.prefix_same_as_start;
  options.background_purge_on_iterator_cleanup = true;
  iterator_.reset(database.NewIterator(options, family));
  if (direction_ == KvDirection::forward) {
    iterator_->Seek(begin_);
  } else {
    iterator_->SeekToLast();  // of the range: seeks to its upper bound
  }
}

void Cursor::next() {
  if (direction_ == KvDirection::forward) {
    iterator_->Next();
  } else {
    iterator_->Prev();
  }
}

}  // namespace msg::rocks
