// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "commit/batch.h"
#include "msg/options.h"
#include "msg/types.h"

namespace msg {

inline constexpr std::string_view kKeyPrefix = "msk_";

/// invalid_argument: "name" is too long, or "scopes" empty.
Result<void> check_key(const std::string& name, KeyScopes scopes, const Limits& limits);
Result<ApiKey> insert_key(Batch& batch, const std::string& name, KeyScopes scopes,
                          const TokenHash& secret);
/// The key as it was. not_found: there is none.
Result<ApiKey> erase_key(Batch& batch, ApiKeyId id);

}  // namespace msg
