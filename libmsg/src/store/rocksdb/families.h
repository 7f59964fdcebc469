// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace msg::rocks {

/// Column families: keys that are written and read in different ways lie in files of their own,
/// although one commit spans them. It is a disk format: names and places of keys stay.
///
///     default      everything else: rows that are overwritten, found by key or listed
///     message      "c" conversation "q" and "t": grows at its end, is read in pages
///     idempotency  "c" conversation "i": never read but to learn, nearly always, "not there"
enum class Family : std::size_t { state, message, idempotency };

inline constexpr std::size_t kFamilies = 3;
/// RocksDB's first family has this name in every database.
inline constexpr std::array<const char*, kFamilies> kFamilyNames = {"default", "message",
                                                                    "idempotency"};

/// The scope of kv_keys.h: a letter and an id.
inline constexpr std::size_t kScopeBytes = 9;

/// Where a key lies. A range never spans two families: its ends are keys of one table.
constexpr Family family_of(std::string_view key) {
  if (key.size() <= kScopeBytes || key.front() != 'c') return Family::state;
  switch (key[kScopeBytes]) {
    case 'q':
    case 't':
      return Family::message;
    case 'i':
      return Family::idempotency;
    default:
      return Family::state;
  }
}

}  // namespace msg::rocks
