// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/kv/kv_engine.h"

namespace msg::rocks {

/// What an open write has changed, by key, so that it can read its own writes. Each key is there
/// once, as it was last put or erased.
///
/// Looking up is one hash; order is made only when somebody asks for it. RocksDB's
/// WriteBatchWithIndex keeps order all along and pays for it with each put: 3.0 us for each of 64
/// sends in a batch, against 0.6 with this, its ordering included.
///
/// Thread safety: one thread at a time.
class WriteOverlay {
 public:
  /// Nothing: erased.
  using Value = std::optional<std::string_view>;
  using Entry = std::pair<const std::string_view, Value>;

  /// Keys and values are copied into `scratch` while they fit, then into memory of their own.
  explicit WriteOverlay(std::span<std::byte> scratch)
      : arena_(scratch.data(), scratch.size()), entries_(256, &arena_), sorted_(&arena_) {}
  WriteOverlay(const WriteOverlay&) = delete;
  WriteOverlay& operator=(const WriteOverlay&) = delete;

  void put(std::string_view key, std::string_view value) { set(key, copy(value)); }
  void erase(std::string_view key) { set(key, std::nullopt); }

  /// Null: this write says nothing about `key`.
  [[nodiscard]] const Value* find(std::string_view key) const;

  /// Everything, ascending. Valid until the next put or erase.
  std::span<const Entry* const> sorted();
  /// The part of sorted() that lies in the range.
  std::span<const Entry* const> sorted(const KvRange& range);

 private:
  void set(std::string_view key, Value value);
  std::string_view copy(std::string_view bytes);

  std::pmr::monotonic_buffer_resource arena_;
  std::pmr::unordered_map<std::string_view, Value> entries_;
  std::pmr::vector<const Entry*> sorted_;  // all entries; the first sorted_count_ in order
  std::size_t sorted_count_ = 0;
};

}  // namespace msg::rocks
