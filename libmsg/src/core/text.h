// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace msg {

/// Number of code points of `text`, or nothing when it is not UTF-8 as RFC 3629 has it (no
/// overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<std::size_t> count_code_points(std::string_view text);

}  // namespace msg
