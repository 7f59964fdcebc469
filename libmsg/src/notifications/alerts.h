// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "commit/batch.h"

namespace msg {

/// What Administration::alert() refuses without asking the store.
Result<void> check_alert(std::span<const UserId> users, std::string_view text,
                         std::chrono::seconds lifetime);

/// For all of these users, each named once, or for none.
Result<void> put_alerts(Batch& batch, std::span<const UserId> users, std::string_view text,
                        std::chrono::seconds lifetime);

}  // namespace msg
