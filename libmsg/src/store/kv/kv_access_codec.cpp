// SPDX-License-Identifier: Apache-2.0
// The values of who may come in. Their grammar stands with the others', in kv_codec.cpp.
#include <algorithm>

#include "core/varint.h"
#include "store/kv/kv_codec.h"
#include "store/kv/kv_value.h"

namespace msg::kv {
namespace {

constexpr std::uint8_t kExpires = 1;

}  // namespace

std::string encode_session(const Session& session) {
  std::string value = begin_value(40 + session.device_name.size(), 1);
  put_id(value, session.id);
  put_id(value, session.user);
  put_text(value, session.device_name);
  put_time(value, session.created_at);
  put_time(value, session.last_seen_at);
  return value;
}

Result<Session> decode_session(std::string_view value) {
  RowReader reader(value, 1);
  Session session;
  session.id = reader.id<SessionId>();
  session.user = reader.id<UserId>();
  session.device_name = reader.text();
  session.created_at = reader.time();
  session.last_seen_at = reader.has_appended(1) ? reader.time() : session.created_at;
  if (!reader.done()) return malformed("session");
  return session;
}

std::string encode_api_key(const ApiKey& key) {
  const bool may_all = key.scopes == KeyScopes::all();
  std::string value = begin_value(24 + key.name.size(), may_all ? 0 : 1);
  put_id(value, key.id);
  put_text(value, key.name);
  put_time(value, key.created_at);
  if (!may_all) put_byte(value, static_cast<std::uint8_t>(key.scopes.bits()));
  return value;
}

Result<ApiKey> decode_api_key(std::string_view value) {
  RowReader reader(value, 1);
  ApiKey key;
  key.id = reader.id<ApiKeyId>();
  key.name = reader.text();
  key.created_at = reader.time();
  if (reader.has_appended(1)) key.scopes = KeyScopes::of_bits(reader.flags(0xFF));
  if (!reader.done()) return malformed("API key");
  return key;
}

std::string encode_side_record(const SideRecord& record) {
  std::string value = begin_value(16 + record.value.size());
  put_byte(value, record.expires_at ? kExpires : 0);
  if (record.expires_at) put_time(value, *record.expires_at);
  put_text(value, record.value);
  return value;
}

Result<SideRecord> decode_side_record(SideKind kind, std::int64_t owner, std::string_view key,
                                      std::string_view value) {
  RowReader reader(value);
  SideRecord record{.kind = kind, .owner = owner, .key = std::string(key)};
  const bool expires = (reader.flags(kExpires) & kExpires) != 0;
  if (expires) record.expires_at = reader.time();
  record.value = reader.text();
  if (!reader.done()) return malformed("side record");
  return record;
}

std::string encode_hashed(const TokenHash& hash, std::string_view row) {
  std::string value;
  value.reserve(hash.size() + row.size());
  value.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  value.append(row);
  return value;
}

Result<HashedRow> decode_hashed(std::string_view value) {
  HashedRow hashed;
  if (value.size() < hashed.hash.size()) return malformed("hash");
  std::ranges::copy(value.substr(0, hashed.hash.size()), hashed.hash.begin());
  hashed.row = value.substr(hashed.hash.size());
  return hashed;
}

}  // namespace msg::kv
