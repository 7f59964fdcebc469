// SPDX-License-Identifier: Apache-2.0
#include "model/model_text.h"

#include <algorithm>
#include <regex>

namespace msg::test {

bool is_utf8(std::string_view text) {
  return !text.contains('\xFF');
}

bool is_content(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && is_utf8(text) && !text.contains('\0');
}

bool is_line(std::string_view text, std::size_t min, std::size_t max) {
  const auto characters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
  const bool has_control =
      std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return is_utf8(text) && !has_control && characters >= min && characters <= max;
}

bool is_username(std::string_view text) {
  static const std::regex pattern("[a-z][a-z0-9_.]{2,31}");
  return std::regex_match(text.begin(), text.end(), pattern);
}

std::optional<std::string> to_e164(std::string_view spelling) {
  static const std::regex pattern("(\\+|00)(1[0-9]{6,14})");
  std::string plain(spelling);
  std::erase_if(plain, [](char c) { return std::string_view(" .-()").contains(c); });
  std::smatch parts;
  if (!std::regex_match(plain, parts, pattern)) return std::nullopt;
  return "+" + parts[2].str();
}

}  // namespace msg::test
