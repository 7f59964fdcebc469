// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "store/store.h"

namespace msg {

/// A table of a store, read from its beginning or from after some key, a page at a time.
///
/// Lifetime: the snapshot must outlive it. Thread safety: none.
class RecordStream {
 public:
  /// Called after each page with all rows so far.
  using OnPage = std::function<void(std::int64_t rows)>;

  RecordStream(Snapshot& snapshot, Table table, RecordKey after = RecordKey::first(),
               OnPage on_page = {})
      : snapshot_(snapshot), table_(table), last_(std::move(after)), on_page_(std::move(on_page)) {}

  /// The record that comes next, null at the end. Valid until skip().
  Result<const Record*> peek();
  void skip() { ++next_; }
  std::int64_t rows() const { return passed_ + static_cast<std::int64_t>(next_); }

 private:
  Snapshot& snapshot_;
  Table table_;
  RecordKey last_;
  OnPage on_page_;
  std::vector<Record> page_;
  std::size_t next_{0};
  std::int64_t passed_{0};
  bool ended_{false};
};

}  // namespace msg
