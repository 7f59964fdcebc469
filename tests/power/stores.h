// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace msg::power {

enum class Kind { sqlite, rocksdb };
std::string_view to_string(Kind kind);
inline void PrintTo(Kind kind, std::ostream* out) {
  *out << to_string(kind);
}

/// The URL of the store on a disk or an image with this root.
std::string url_of(Kind kind, const std::string& root);

/// What Platter is to know of a store's files. SQLite presumes nothing. RocksDB writes its MANIFEST
/// in pieces before it syncs it, and takes one that lacks a middle piece for damaged.
std::string appended_in_order(Kind kind);

/// What a store does by itself once in many megabytes: RocksDB writes its buffers out. (SQLite
/// copies its log back after every few pages here, and is not asked.)
void write_back(Kind kind);

/// Mistakes that the tests must notice. They are in no store; planted.cpp adds them.
enum class Planted {
  nothing,
  commit_before_sync,    ///< A commit is acknowledged when it is written, not when it is synced.
  keys_in_memory,        ///< Idempotency keys are looked up in a cache only.
  cursor_from_sequence,  ///< A cursor is the last version given out, not the last committed.
};
/// For the stores that are opened from now on.
void plant(Planted mistake);

}  // namespace msg::power
