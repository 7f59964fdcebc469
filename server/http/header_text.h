// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace msgd {

// The text of header fields (RFC 9110).

/// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// `text` without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

/// Cuts the next element off a comma-separated list; it is trimmed and may be empty.
std::string_view next_element(std::string_view& list);

}  // namespace msgd
