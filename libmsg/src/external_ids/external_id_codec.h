// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "msg/external_ids.h"
#include "msg/status.h"
#include "store/side_record.h"

namespace msg {

/// The place of an id: by its hash, as subjects may be longer than a key, and names of people.
struct ExternalPlace {
  std::int64_t owner{};  ///< Of the record that leads to the user.
  std::string key{};     ///< 32 bytes.
  std::string issuer{};  ///< Key of the issuer among the ids of a user, 32 bytes.
};
ExternalPlace place_of(const ExternalId& id);

/// Both records of an id say the same: whose it is, and what it is.
struct ExternalRow {
  UserId user{};
  ExternalId id{};
  bool operator==(const ExternalRow&) const = default;
};
SideRecord record_of_id(const ExternalRow& row);    ///< SideKind::external_id
SideRecord record_of_user(const ExternalRow& row);  ///< SideKind::external_user
/// corrupt: neither of them wrote it.
Result<ExternalRow> decode_external(std::string_view value);

}  // namespace msg
