// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "msg/options.h"
#include "msg/requests.h"
#include "msg/status.h"

namespace msg {

/// Checks of what callers hand in, before any store is asked. Each error is invalid_argument and
/// names the field.

Result<void> check_content(std::string_view content, const Limits& limits);
Result<void> check_client_id(std::string_view client_id, const Limits& limits);
Result<void> check_emoji(std::string_view emoji, const Limits& limits);
Result<void> check_draft(const Draft& draft, const Limits& limits);
Result<void> check_title(std::string_view title, const Limits& limits);
Result<void> check_username(std::string_view username);
Result<void> check_display_name(std::string_view name, const Limits& limits);
Result<void> check_about(std::string_view about, const Limits& limits);
Result<void> check_avatar(std::string_view avatar, const Limits& limits);
/// Names of devices and keys: 0 … limit characters.
Result<void> check_label(std::string_view label, std::string_view field, const Limits& limits);
/// The page size to use for a requested `limit`.
Result<int> page_size(int limit, const Limits& limits);
Result<void> check_options(const Options& options);

}  // namespace msg
