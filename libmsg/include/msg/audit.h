// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "msg/ids.h"

namespace msg {

/// What administrators do. The numbers are a disk format.
enum class AdminAct : std::uint8_t {
  key_created = 0,
  key_revoked = 1,
  user_created = 2,
  user_changed = 3,
  session_created = 4,
  session_renamed = 5,
  session_revoked = 6,
  alert_sent = 7,
  other = 255,  ///< Of a later library; this one does not know it.
};
std::string_view to_string(AdminAct act);
AdminAct parse_admin_act(std::string_view text);  ///< other: none of them

/// One act, as the audit trail keeps it. It is never changed, and erased by its age alone.
struct AuditEntry {
  std::int64_t id{};
  Time at{};
  AdminAct act{};
  std::optional<ApiKeyId> by{};  ///< None: the operator, at the store, or who needs no key.
  std::string by_name{};         ///< Name of that key, which may be gone by now.
  std::string address{};         ///< Where from; empty: the machine of the store.
  // On whom, as far as there is one.
  std::optional<UserId> user{};
  std::optional<SessionId> session{};
  std::optional<ApiKeyId> key{};
  /// Names and scopes of a key, names of fields that were changed; never what a user wrote.
  std::string detail{};
  bool operator==(const AuditEntry&) const = default;
};

}  // namespace msg
