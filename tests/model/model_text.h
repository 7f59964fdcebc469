// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace msg::test {

/// What the model makes of texts. It knows the spellings and faults that the generator makes, and
/// no others: the only bytes that are no UTF-8 there are 0xFF, the only country in use is 1.

bool is_utf8(std::string_view text);
/// Of a message of up to `bytes_max`.
bool is_content(std::string_view text, std::size_t bytes_max);
/// One line of `min` … `max` characters.
bool is_line(std::string_view text, std::size_t min, std::size_t max);
bool is_username(std::string_view text);
std::optional<std::string> to_e164(std::string_view spelling);

}  // namespace msg::test
