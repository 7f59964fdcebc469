// SPDX-License-Identifier: Apache-2.0
#include "admin/audit_codec.h"

#include <algorithm>
#include <array>

#include "core/side_key.h"
#include "core/varint.h"

// key   = version id                  8 bytes each, highest first; version: all bits turned around
// value = format act flags [by] by_name address [user] [session] [key] detail
//           format, act, flags: byte; ids: 8 bytes; others: text
//           flags: 1 by, 2 user, 4 session, 8 key

namespace msg {
namespace {

constexpr std::uint8_t kAuditFormat = 1;
constexpr std::size_t kKeyBytes = 16;
constexpr std::array<std::string_view, 8> kActs = {
    "key_created",     "key_revoked",     "user_created",    "user_changed",
    "session_created", "session_renamed", "session_revoked", "alert_sent"};

std::unexpected<Error> malformed() {
  return fail(Code::corrupt, "what is stored of an administrative act is malformed");
}

template <class Id>
void put_id(std::string& out, const std::optional<Id>& id) {
  if (id) put_fixed64(out, static_cast<std::uint64_t>(to_int(*id)));
}

template <class Id>
std::optional<Id> read_id(ByteReader& reader, bool is_there) {
  if (!is_there) return std::nullopt;
  return Id{static_cast<std::int64_t>(reader.fixed64())};
}

}  // namespace

std::string_view to_string(AdminAct act) {
  const auto number = static_cast<std::size_t>(act);
  return number < kActs.size() ? kActs[number] : "other";
}

AdminAct parse_admin_act(std::string_view text) {
  const auto* const found = std::ranges::find(kActs, text);
  if (found == kActs.end()) return AdminAct::other;
  return static_cast<AdminAct>(found - kActs.begin());
}

std::string audit_key(Version version, std::int64_t id) {
  return side_key(~to_int(version)) + side_key(id);
}

SideRecord record_of(const AuditEntry& entry, Version version, Time expires_at) {
  SideRecord record{.kind = SideKind::audit,
                    .owner = kAuditOwner,
                    .key = audit_key(version, entry.id),
                    .expires_at = expires_at};
  const int flags =
      (entry.by ? 1 : 0) + (entry.user ? 2 : 0) + (entry.session ? 4 : 0) + (entry.key ? 8 : 0);
  put_byte(record.value, kAuditFormat);
  put_byte(record.value, static_cast<std::uint8_t>(entry.act));
  put_byte(record.value, static_cast<std::uint8_t>(flags));
  put_id(record.value, entry.by);
  put_text(record.value, entry.by_name);
  put_text(record.value, entry.address);
  put_id(record.value, entry.user);
  put_id(record.value, entry.session);
  put_id(record.value, entry.key);
  put_text(record.value, entry.detail);
  return record;
}

Result<AuditEntry> decode_audit(const SideRecord& record) {
  MSG_TRY(const Version version, audit_version(record));
  ByteReader reader(record.value);
  const bool is_known = reader.byte() == kAuditFormat;
  const auto act = reader.byte();
  const auto flags = reader.byte();
  AuditEntry entry{.id = id_of_side_key(std::string_view(record.key).substr(8)),
                   .at = time_of(version),
                   .act = act < kActs.size() ? static_cast<AdminAct>(act) : AdminAct::other};
  entry.by = read_id<ApiKeyId>(reader, (flags & 1) != 0);
  entry.by_name = reader.text();
  entry.address = reader.text();
  entry.user = read_id<UserId>(reader, (flags & 2) != 0);
  entry.session = read_id<SessionId>(reader, (flags & 4) != 0);
  entry.key = read_id<ApiKeyId>(reader, (flags & 8) != 0);
  entry.detail = reader.text();
  if (!is_known || flags > 15 || !reader.done()) return malformed();
  return entry;
}

Result<Version> audit_version(const SideRecord& record) {
  if (record.key.size() != kKeyBytes) return malformed();
  const auto version = ~id_of_side_key(std::string_view(record.key).substr(0, 8));
  return Version{static_cast<std::int64_t>(version)};
}

}  // namespace msg
