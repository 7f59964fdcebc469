// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/horizon.h"
#include "msg/status.h"
#include "store/store.h"

namespace msg {

/// What a cursor continues. The letter stands in its bytes.
enum class CursorKind : char {
  history = 'h',
  conversations = 'c',
  members = 'm',
  recipients = 'r',
  receipts = 'e',
  users = 'u',
  notifications = 'n',
  sync = 's',
  reactions = 'e',
  blocks = 'b',
  join_requests = 'j',
  audit = 'a',
};

/// Turns positions into opaque text and back.
///
/// bytes  = format:1 kind:1 body mac:12
/// body   = field:8*, integers big-endian; of the sync cursor see below
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

  // The same for a body of any length.
  std::string seal(CursorKind kind, std::string_view body) const;
  Result<std::string> unseal(std::string_view text, CursorKind kind) const;

 private:
  StoreIdentity identity_;
};

/// A conversation's place in a page of sync: by its newest version, then by its id.
struct SyncPlace {
  Version version{};
  ConversationId conversation{};
  auto operator<=>(const SyncPlace&) const = default;
};

/// The sync cursor. All that `since` sees was offered. While paging, so were in addition the
/// conversations as `done` sees them, and as `round` sees them up to `progress`; see
/// messenger/sync.cpp. Who was offered that matters only while paging: what `since` sees is behind
/// everybody, but only this user had the conversations up to `progress`.
///
/// body   = flags:varint [user:varint progress] writer*
/// flags  = 4, or 6 while paging; 0 and 2 are the same without tags (1 was paging without a user,
///          and is refused)
/// writer = place:varint since:varint [done-since:varint round-done:varint] tag:4, of writers
///          that are not zero in all of them; the brackets here and above only while paging
struct SyncCursor {
  Horizon since{};
  Horizon done{};
  Horizon round{};
  SyncPlace progress{};
  UserId user{};
  bool is_paging{false};
  /// Of the lives in which `since` was given, or, while paging, `round`: what the store does not
  /// have of these it has lost.
  LifeTags tags{};

  bool paging() const { return is_paging; }
  /// All that it claims.
  const Horizon& claim() const { return is_paging ? round : since; }
  bool operator==(const SyncCursor&) const = default;
};
std::string encode_sync_cursor(const CursorCodec& codec, const SyncCursor& cursor);
Result<SyncCursor> decode_sync_cursor(const CursorCodec& codec, std::string_view text);

/// Refuses a cursor of versions that the snapshot does not have, or has given to others since.
Result<void> check_claim(Snapshot& snapshot, const SyncCursor& cursor);

/// Error for a cursor that cannot be used.
std::unexpected<Error> bad_cursor();

}  // namespace msg
