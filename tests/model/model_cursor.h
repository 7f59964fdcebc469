// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "msg/status.h"

namespace msg::test {

using Numbers = std::vector<std::int64_t>;

/// The model's cursors: a word that says of which list, and numbers.
std::string make_cursor(std::string_view list, const Numbers& numbers);

/// invalid_argument, field "cursor": of another list, or no cursor at all.
Result<Numbers> read_cursor(std::string_view cursor, std::string_view list);

}  // namespace msg::test
