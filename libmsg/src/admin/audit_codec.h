// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "msg/audit.h"
#include "msg/status.h"
#include "store/side_record.h"

namespace msg {

/// All entries have one owner: they are few, and read together, the newest first.
inline constexpr std::int64_t kAuditOwner = 0;

/// Key of the entry with that version and id. Later versions have smaller keys.
std::string audit_key(Version version, std::int64_t id);

/// The record of an entry that was given that version.
SideRecord record_of(const AuditEntry& entry, Version version, Time expires_at);
/// corrupt: record_of() did not write it.
Result<AuditEntry> decode_audit(const SideRecord& record);
/// Of the record's key.
Result<Version> audit_version(const SideRecord& record);

}  // namespace msg
