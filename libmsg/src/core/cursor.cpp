// SPDX-License-Identifier: Apache-2.0
#include "core/cursor.h"

#include <sodium.h>

#include "core/secrets.h"

namespace msg {
namespace {

constexpr char kFormat = 1;

void append_int(std::string& bytes, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
  }
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
  std::string bytes{kFormat, static_cast<char>(kind)};
  for (const std::int64_t field : fields) append_int(bytes, field);
  const auto tag = mac(bytes);
  bytes.append(reinterpret_cast<const char*>(tag.data()), tag.size());
  return encode_base64url(bytes);
}

Result<void> CursorCodec::decode(std::string_view text, CursorKind kind,
                                 std::span<std::int64_t> fields) const {
  constexpr std::size_t kTextMax = 256;  // far above the longest we give
  if (text.size() > kTextMax) return bad_cursor();
  const auto bytes = decode_base64url(text);
  const std::size_t mac_at = 2 + 8 * fields.size();
  if (!bytes || bytes->size() != mac_at + 12) return bad_cursor();
  const auto tag = mac(std::string_view(*bytes).substr(0, mac_at));
  if (sodium_memcmp(tag.data(), bytes->data() + mac_at, tag.size()) != 0) return bad_cursor();
  if ((*bytes)[0] != kFormat || (*bytes)[1] != static_cast<char>(kind)) return bad_cursor();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] = read_int(std::string_view(*bytes).substr(2 + 8 * i));
  }
  return {};
}

std::array<unsigned char, 12> CursorCodec::mac(std::string_view bytes) const {
  std::string input;
  input.reserve(8 + bytes.size());
  append_int(input, identity_.epoch);
  input += bytes;
  // BLAKE2b has a minimum output of 16 bytes in libsodium; its prefix is as good as a shorter one.
  std::array<unsigned char, 16> full{};
  crypto_generichash(full.data(), full.size(), reinterpret_cast<const unsigned char*>(input.data()),
                     input.size(), identity_.cursor_secret.data(), identity_.cursor_secret.size());
  std::array<unsigned char, 12> tag{};
  std::copy_n(full.begin(), tag.size(), tag.begin());
  return tag;
}

std::string encode_sync_cursor(const CursorCodec& codec, const SyncCursor& cursor) {
  const std::array fields{to_int(cursor.since), to_int(cursor.progress)};
  return codec.encode(CursorKind::sync, fields);
}

Result<SyncCursor> decode_sync_cursor(const CursorCodec& codec, std::string_view text) {
  std::array<std::int64_t, 2> fields{};
  MSG_CHECK(codec.decode(text, CursorKind::sync, fields));
  return SyncCursor{Version{fields[0]}, Version{fields[1]}};
}

std::unexpected<Error> bad_cursor() {
  return fail(Code::invalid_argument, "This cursor is not one of this store; start over.",
              "cursor");
}

}  // namespace msg
