// SPDX-License-Identifier: Apache-2.0
// Cursors, ids and tokens: what comes back from clients, who may have changed it.
#include "core/cursor.h"

#include <array>
#include <string>

#include "core/secrets.h"
#include "fuzz/fuzz.h"
#include "msg/ids.h"

namespace msg::test {
namespace {

constexpr std::array kKinds{CursorKind::history,    CursorKind::conversations, CursorKind::members,
                            CursorKind::recipients, CursorKind::receipts,      CursorKind::users,
                            CursorKind::sync};

void read_forged(const CursorCodec& codec, std::string_view text) {
  for (const auto kind : kKinds) {
    if (const auto body = codec.unseal(text, kind)) {
      hold(codec.seal(kind, *body) == text, "only what was sealed is unsealed");
    }
    std::array<std::int64_t, 5> fields{};
    (void)codec.decode(text, kind, fields);
  }
  (void)decode_sync_cursor(codec, text);
}

/// As if the secret were known: nothing but the MAC keeps these bodies away.
void read_sealed(const CursorCodec& codec, std::string_view body) {
  for (const auto kind : kKinds) {
    const auto text = codec.seal(kind, body);
    const auto back = codec.unseal(text, kind);
    hold(back && *back == body, "what was sealed is unsealed");
    std::array<std::int64_t, 5> fields{};
    (void)codec.decode(text, kind, fields);
  }
  const auto cursor = decode_sync_cursor(codec, codec.seal(CursorKind::sync, body));
  if (!cursor) return;
  const auto again = decode_sync_cursor(codec, encode_sync_cursor(codec, *cursor));
  hold(again && *again == *cursor, "a cursor survives");
}

void read_texts(std::string_view text) {
  if (const auto id = parse_message_id(text)) {
    hold(to_string(*id) == text, "an id has one spelling");
  }
  if (const auto bytes = decode_base64url(text)) {
    hold(encode_base64url(*bytes) == text, "base64url has one spelling");
  }
  hold(decode_base64url(encode_base64url(text)) == text, "base64url survives");
  (void)hash_token(text);
}

}  // namespace

void fuzz(std::string_view input) {
  static const StoreIdentity identity{.epoch = 7, .cursor_secret = {1, 2, 3}};
  const CursorCodec codec(identity);
  read_forged(codec, input);
  read_sealed(codec, input);
  read_texts(input);
}

}  // namespace msg::test
