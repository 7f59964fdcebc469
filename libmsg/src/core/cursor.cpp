// SPDX-License-Identifier: Apache-2.0
#include "core/cursor.h"

#include "core/secrets.h"
#include "core/store_mac.h"
#include "core/varint.h"

namespace msg {
namespace {

constexpr char kCursorFormat = 2;
constexpr std::size_t kMacBytes = 12;
constexpr std::uint64_t kPaging = 2;
constexpr std::uint64_t kTagged = 4;
constexpr std::size_t kTagBytes = 4;

void append_int(std::string& bytes, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
  }
}

void put_tag(std::string& out, std::uint32_t tag) {
  for (std::size_t i = 0; i < kTagBytes; ++i) {
    put_byte(out, static_cast<std::uint8_t>(tag >> (8 * i)));
  }
}

std::uint32_t read_tag(std::string_view bytes) {
  std::uint32_t tag = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    tag |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return tag;
}

std::int64_t read_int(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string CursorCodec::encode(CursorKind kind, std::span<const std::int64_t> fields) const {
  std::string body;
  for (const std::int64_t field : fields) append_int(body, field);
  return seal(kind, body);
}

Result<void> CursorCodec::decode(std::string_view text, CursorKind kind,
                                 std::span<std::int64_t> fields) const {
  MSG_TRY(const std::string body, unseal(text, kind));
  if (body.size() != 8 * fields.size()) return bad_cursor();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] = read_int(std::string_view(body).substr(8 * i));
  }
  return {};
}

std::string CursorCodec::seal(CursorKind kind, std::string_view body) const {
  std::string bytes{kCursorFormat, static_cast<char>(kind)};
  bytes += body;
  const auto mac = store_mac(identity_, bytes);
  bytes.append(reinterpret_cast<const char*>(mac.data()), kMacBytes);
  return encode_base64url(bytes);
}

Result<std::string> CursorCodec::unseal(std::string_view text, CursorKind kind) const {
  constexpr std::size_t kTextMax = 1024;  // longer ones we do not give
  if (text.size() > kTextMax) return bad_cursor();
  const auto bytes = decode_base64url(text);
  if (!bytes || bytes->size() < 2 + kMacBytes) return bad_cursor();
  const std::size_t mac_at = bytes->size() - kMacBytes;
  const std::string_view all(*bytes);
  if (!is_store_mac(all.substr(mac_at), identity_, all.substr(0, mac_at))) return bad_cursor();
  if ((*bytes)[0] != kCursorFormat || (*bytes)[1] != static_cast<char>(kind)) return bad_cursor();
  return bytes->substr(2, mac_at - 2);
}

std::string encode_sync_cursor(const CursorCodec& codec, const SyncCursor& cursor) {
  const auto number = [](auto id) { return static_cast<std::uint64_t>(to_int(id)); };
  std::string body;
  put_varint(body, kTagged | (cursor.paging() ? kPaging : 0));
  if (cursor.paging()) {
    put_varint(body, number(cursor.user));
    put_varint(body, number(cursor.progress.version));
    put_varint(body, number(cursor.progress.conversation));
  }
  for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
    const auto since = number(cursor.since.up_to[writer]);
    const auto done = cursor.paging() ? number(cursor.done.up_to[writer]) : since;
    const auto round = cursor.paging() ? number(cursor.round.up_to[writer]) : since;
    if (since == 0 && done == 0 && round == 0) continue;
    put_varint(body, writer);
    put_varint(body, since);
    if (cursor.paging()) {
      put_varint(body, done - since);
      put_varint(body, round - done);
    }
    put_tag(body, cursor.tags.at(writer));
  }
  return codec.seal(CursorKind::sync, body);
}

Result<SyncCursor> decode_sync_cursor(const CursorCodec& codec, std::string_view text) {
  MSG_TRY(const std::string body, codec.unseal(text, CursorKind::sync));
  ByteReader reader(body);
  SyncCursor cursor;
  const std::uint64_t flags = reader.varint();
  if ((flags & ~(kPaging | kTagged)) != 0) return bad_cursor();
  cursor.is_paging = (flags & kPaging) != 0;
  if (cursor.paging()) {
    cursor.user = UserId{static_cast<std::int64_t>(reader.varint())};
    cursor.progress.version = Version{static_cast<std::int64_t>(reader.varint())};
    cursor.progress.conversation = ConversationId{static_cast<std::int64_t>(reader.varint())};
  }
  for (std::uint64_t next = 0; reader.remaining() > 0 && reader.ok();) {
    const std::uint64_t writer = reader.varint();
    if (writer < next || writer >= kWritersMax) return bad_cursor();
    next = writer + 1;
    const std::uint64_t since = reader.varint();
    const std::uint64_t done = since + (cursor.paging() ? reader.varint() : 0);
    const std::uint64_t round = done + (cursor.paging() ? reader.varint() : 0);
    if (since == 0 && done == 0 && round == 0) return bad_cursor();
    cursor.since.up_to[writer] = Version{static_cast<std::int64_t>(since)};
    if (cursor.paging()) {
      cursor.done.up_to[writer] = Version{static_cast<std::int64_t>(done)};
      cursor.round.up_to[writer] = Version{static_cast<std::int64_t>(round)};
    }
    if ((flags & kTagged) != 0) cursor.tags[writer] = read_tag(reader.raw(kTagBytes));
  }
  if (!reader.done()) return bad_cursor();
  return cursor;
}

Result<void> check_claim(Snapshot& snapshot, const SyncCursor& cursor) {
  MSG_TRY(const Horizon now, snapshot.horizon());
  if (!cursor.claim().within(now)) return bad_cursor();
  MSG_TRY(const auto tags, snapshot.list_life_tags({&cursor.claim(), 1}));
  if (tags.front() != cursor.tags) return bad_cursor();
  return {};
}

std::unexpected<Error> bad_cursor() {
  return fail(Code::invalid_argument, "This cursor is not one of this store; start over.",
              "cursor");
}

}  // namespace msg
