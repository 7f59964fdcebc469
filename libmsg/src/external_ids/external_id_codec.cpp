// SPDX-License-Identifier: Apache-2.0
#include "external_ids/external_id_codec.h"

#include "core/secrets.h"
#include "core/varint.h"

// value = format user issuer subject      format: byte; user: 8 bytes; others: text
//
// of the id:   owner = the first 8 bytes of key, key = SHA-256(issuer, subject as texts)
// of the user: owner = user, key = SHA-256(issuer as text)

namespace msg {
namespace {

constexpr std::uint8_t kExternalIdFormat = 1;

std::string hash_of(std::string_view texts) {
  const TokenHash hash = hash_token(texts);
  return {hash.begin(), hash.end()};
}

std::string encode(const ExternalRow& row) {
  std::string value;
  put_byte(value, kExternalIdFormat);
  put_fixed64(value, static_cast<std::uint64_t>(to_int(row.user)));
  put_text(value, row.id.issuer);
  put_text(value, row.id.subject);
  return value;
}

}  // namespace

ExternalPlace place_of(const ExternalId& id) {
  std::string texts;
  put_text(texts, id.issuer);
  ExternalPlace place{.issuer = hash_of(texts)};
  put_text(texts, id.subject);
  place.key = hash_of(texts);
  place.owner = static_cast<std::int64_t>(ByteReader(place.key).fixed64());
  return place;
}

SideRecord record_of_id(const ExternalRow& row) {
  ExternalPlace place = place_of(row.id);
  return {.kind = SideKind::external_id,
          .owner = place.owner,
          .key = std::move(place.key),
          .value = encode(row)};
}

SideRecord record_of_user(const ExternalRow& row) {
  return {.kind = SideKind::external_user,
          .owner = to_int(row.user),
          .key = place_of(row.id).issuer,
          .value = encode(row)};
}

Result<ExternalRow> decode_external(std::string_view value) {
  ByteReader reader(value);
  const bool is_known = reader.byte() == kExternalIdFormat;
  ExternalRow row{.user = UserId{static_cast<std::int64_t>(reader.fixed64())}};
  row.id.issuer = reader.text();
  row.id.subject = reader.text();
  if (is_known && reader.done()) return row;
  return fail(Code::corrupt, "what is stored of an external id is malformed");
}

}  // namespace msg
