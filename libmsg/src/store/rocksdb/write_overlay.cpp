// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/write_overlay.h"

#include <algorithm>
#include <cstring>

namespace msg::rocks {
namespace {

std::string_view key_of(const WriteOverlay::Entry* entry) {
  return entry->first;
}

}  // namespace

const WriteOverlay::Value* WriteOverlay::find(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

std::span<const WriteOverlay::Entry* const> WriteOverlay::sorted() {
  // Writes that scan do so again and again, with little that is new each time.
  const auto middle = sorted_.begin() + static_cast<std::ptrdiff_t>(sorted_count_);
  std::ranges::sort(middle, sorted_.end(), {}, key_of);
  std::ranges::inplace_merge(sorted_, middle, {}, key_of);
  sorted_count_ = sorted_.size();
  return sorted_;
}

std::span<const WriteOverlay::Entry* const> WriteOverlay::sorted(const KvRange& range) {
  const auto all = sorted();
  const auto first = std::ranges::lower_bound(all, std::string_view(range.begin), {}, key_of);
  const auto last = std::ranges::lower_bound(all, std::string_view(range.end), {}, key_of);
  return {first, last};
}

void WriteOverlay::set(std::string_view key, Value value) {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    found->second = value;
    return;
  }
  sorted_.push_back(&*entries_.emplace(copy(key), value).first);
}

std::string_view WriteOverlay::copy(std::string_view bytes) {
  if (bytes.empty()) return {};
  char* const place = static_cast<char*>(arena_.allocate(bytes.size(), 1));
  std::memcpy(place, bytes.data(), bytes.size());
  return {place, bytes.size()};
}

}  // namespace msg::rocks
