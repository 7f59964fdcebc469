// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "msg/status.h"
#include "store/store.h"

namespace msg {

/// What a cursor continues. The letter stands in its bytes.
enum class CursorKind : char {
  history = 'h',
  conversations = 'c',
  members = 'm',
  recipients = 'r',
  users = 'u',
  sync = 's',
};

/// Turns positions into opaque text and back.
///
/// bytes  = format:1 kind:1 field:8* mac:12, integers big-endian
/// mac    = BLAKE2b-96, keyed with the store's secret, of the epoch and all bytes before it
/// text   = base64url of the bytes, without padding
///
/// The mac is no secret of state; it makes sure that a cursor is one we gave, for this store, so
/// that a mistyped or foreign one is an error instead of a hole in somebody's history.
///
/// Thread safety: const calls from any thread.
class CursorCodec {
 public:
  explicit CursorCodec(const StoreIdentity& identity) : identity_(identity) {}

  std::string encode(CursorKind kind, std::span<const std::int64_t> fields) const;

  /// Fills `fields`, exactly as many as were encoded. invalid_argument, field "cursor".
  Result<void> decode(std::string_view text, CursorKind kind, std::span<std::int64_t> fields) const;

 private:
  std::array<unsigned char, 12> mac(std::string_view bytes) const;

  StoreIdentity identity_;
};

/// The sync cursor. Everything up to `since` was offered. While paging, the conversations whose
/// version is up to `progress` were offered too; otherwise it is 0.
struct SyncCursor {
  Version since{};
  Version progress{};

  bool paging() const { return progress != Version{}; }
};
std::string encode_sync_cursor(const CursorCodec& codec, const SyncCursor& cursor);
Result<SyncCursor> decode_sync_cursor(const CursorCodec& codec, std::string_view text);

/// Error for a cursor that cannot be used.
std::unexpected<Error> bad_cursor();

}  // namespace msg
