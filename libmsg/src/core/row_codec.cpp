// SPDX-License-Identifier: Apache-2.0
#include "core/row_codec.h"

#include <optional>

#include "core/horizon.h"
#include "core/varint.h"

// sender_counts = version count (user sent)*      version = byte 1, count = varint
//   user        = fixed64                         an id fills its upper bits
//   sent        = zigzag
// receipt_runs  = version count (up_to at)*
//   up_to, at   = zigzag                          difference to the run before, to 0 in the first
//
// revisions     = version count dropped_up_to (flags by at_version content)*
//   flags       = byte: 1 deletion
//   by          = fixed64
//   at_version, dropped_up_to = fixed64
//   content     = size as varint, bytes
//
// member_own    = nothing, when there is none, or:
//                 version flags own_version writer [unread_from sent] [shown_read] [hidden_at]
//                 [muted_until]
//   flags       = byte: 1 unread_from and sent, 2 shown_read, 4 hidden_at, 8 muted_until,
//                 16 pinned, 32 archived
//   own_version = fixed64
//   writer      = byte
//   others      = zigzag
//
// Runs ascend, so both differences are small: a run after the first takes 3 to 6 bytes. A list
// in another format gets another version.

namespace msg {
namespace {

constexpr std::uint8_t kRowVersion = 1;
constexpr std::size_t kSenderBytesMin = 9;
constexpr std::size_t kRunBytesMin = 2;
constexpr std::size_t kRevisionBytesMin = 18;
constexpr std::uint8_t kDeletion = 1;
constexpr std::uint8_t kHasUnread = 1;
constexpr std::uint8_t kHasShownRead = 2;
constexpr std::uint8_t kHasHiddenRead = 4;
constexpr std::uint8_t kHasMutedUntil = 8;
constexpr std::uint8_t kPinned = 16;
constexpr std::uint8_t kArchived = 32;
constexpr std::uint8_t kOwnFlags = 63;

// Reads version and count. A count that the remaining bytes cannot hold is refused here, so that
// no number from outside decides how much memory is taken.
std::optional<std::size_t> read_count(ByteReader& reader, std::size_t item_bytes_min) {
  if (reader.byte() != kRowVersion) return std::nullopt;
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count > reader.remaining() / item_bytes_min) return std::nullopt;
  return static_cast<std::size_t>(count);
}

// Differences wrap around, so that any two values have one.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

std::string encode_sender_counts(const std::vector<SenderCount>& counts) {
  std::string bytes;
  bytes.reserve(2 + counts.size() * 12);
  put_byte(bytes, kRowVersion);
  put_varint(bytes, counts.size());
  for (const SenderCount& sender : counts) {
    put_fixed64(bytes, static_cast<std::uint64_t>(to_int(sender.user)));
    put_zigzag(bytes, sender.count);
  }
  return bytes;
}

Result<std::vector<SenderCount>> decode_sender_counts(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto count = read_count(reader, kSenderBytesMin);
  if (!count) return fail(Code::corrupt, "sender counts: bad version or count");
  std::vector<SenderCount> counts;
  counts.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const UserId user{static_cast<std::int64_t>(reader.fixed64())};
    counts.push_back({.user = user, .count = reader.zigzag()});
  }
  if (!reader.done()) return fail(Code::corrupt, "sender counts: malformed");
  return counts;
}

std::string encode_receipt_runs(const std::vector<ReceiptRun>& runs) {
  std::string bytes;
  bytes.reserve(12 + runs.size() * 6);
  put_byte(bytes, kRowVersion);
  put_varint(bytes, runs.size());
  std::int64_t seq = 0;
  std::int64_t at = 0;
  for (const ReceiptRun& run : runs) {
    const std::int64_t run_at = run.at.time_since_epoch().count();
    put_zigzag(bytes, minus(to_int(run.up_to), seq));
    put_zigzag(bytes, minus(run_at, at));
    seq = to_int(run.up_to);
    at = run_at;
  }
  return bytes;
}

Result<std::vector<ReceiptRun>> decode_receipt_runs(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto count = read_count(reader, kRunBytesMin);
  if (!count) return fail(Code::corrupt, "receipt runs: bad version or count");
  std::vector<ReceiptRun> runs;
  runs.reserve(*count);
  std::int64_t seq = 0;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < *count; ++i) {
    seq = plus(seq, reader.zigzag());
    at = plus(at, reader.zigzag());
    runs.push_back({.up_to = Seq{seq}, .at = Time{std::chrono::milliseconds{at}}});
  }
  if (!reader.done()) return fail(Code::corrupt, "receipt runs: malformed");
  return runs;
}

std::string encode_member_own(const MemberOwn& own) {
  std::string bytes;
  if (own == MemberOwn{}) return bytes;
  put_byte(bytes, kRowVersion);
  const auto& [pinned, archived, muted_until] = own.preferences;
  put_byte(bytes, static_cast<std::uint8_t>((own.unread_from ? kHasUnread : 0) |
                                            (own.shown_read ? kHasShownRead : 0) |
                                            (own.hidden_read_at ? kHasHiddenRead : 0) |
                                            (muted_until ? kHasMutedUntil : 0) |
                                            (pinned ? kPinned : 0) | (archived ? kArchived : 0)));
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(own.version)));
  put_byte(bytes, static_cast<std::uint8_t>(own.writer));
  if (own.unread_from) {
    put_zigzag(bytes, to_int(*own.unread_from));
    put_zigzag(bytes, own.sent_count_before_unread);
  }
  if (own.shown_read) put_zigzag(bytes, to_int(*own.shown_read));
  if (own.hidden_read_at) put_zigzag(bytes, own.hidden_read_at->time_since_epoch().count());
  if (muted_until) put_zigzag(bytes, muted_until->time_since_epoch().count());
  return bytes;
}

Result<MemberOwn> decode_member_own(std::string_view bytes) {
  MemberOwn own;
  if (bytes.empty()) return own;
  ByteReader reader(bytes);
  const bool is_known = reader.byte() == kRowVersion;
  const std::uint8_t flags = reader.byte();
  own.version = Version{static_cast<std::int64_t>(reader.fixed64())};
  own.writer = reader.byte();
  if ((flags & kHasUnread) != 0) {
    own.unread_from = Seq{reader.zigzag()};
    own.sent_count_before_unread = reader.zigzag();
  }
  if ((flags & kHasShownRead) != 0) own.shown_read = Seq{reader.zigzag()};
  if ((flags & kHasHiddenRead) != 0) {
    own.hidden_read_at = Time{std::chrono::milliseconds{reader.zigzag()}};
  }
  if ((flags & kHasMutedUntil) != 0) {
    own.preferences.muted_until = Time{std::chrono::milliseconds{reader.zigzag()}};
  }
  own.preferences.pinned = (flags & kPinned) != 0;
  own.preferences.archived = (flags & kArchived) != 0;
  const bool is_good = is_known && reader.done() && own.writer < kWritersMax && flags <= kOwnFlags;
  if (!is_good) return fail(Code::corrupt, "what a member has for itself is malformed");
  return own;
}

std::string encode_revisions(const RevisionsRow& row) {
  std::string bytes;
  put_byte(bytes, kRowVersion);
  put_varint(bytes, row.revisions.size());
  put_fixed64(bytes, static_cast<std::uint64_t>(to_int(row.dropped_up_to)));
  for (const Revision& revision : row.revisions) {
    put_byte(bytes, revision.deletion ? kDeletion : 0);
    put_fixed64(bytes, static_cast<std::uint64_t>(to_int(revision.by)));
    put_fixed64(bytes, static_cast<std::uint64_t>(to_int(revision.version)));
    put_text(bytes, revision.content);
  }
  return bytes;
}

Result<RevisionsRow> decode_revisions(const MessageId& message, std::string_view bytes) {
  ByteReader reader(bytes);
  const auto count = read_count(reader, kRevisionBytesMin);
  if (!count) return fail(Code::corrupt, "revisions: bad version or count");
  RevisionsRow row{.message = message,
                   .dropped_up_to = Version{static_cast<std::int64_t>(reader.fixed64())},
                   .revisions = {}};
  row.revisions.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    Revision revision;
    const std::uint8_t flags = reader.byte();
    if (flags > kDeletion) return fail(Code::corrupt, "revisions: unknown flags");
    revision.deletion = flags == kDeletion;
    revision.by = UserId{static_cast<std::int64_t>(reader.fixed64())};
    revision.version = Version{static_cast<std::int64_t>(reader.fixed64())};
    revision.at = time_of(revision.version);
    revision.content = reader.text();
    row.revisions.push_back(std::move(revision));
  }
  if (!reader.done()) return fail(Code::corrupt, "revisions: malformed");
  return row;
}

}  // namespace msg
