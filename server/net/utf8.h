// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace msgd {

/// Checks text for UTF-8 (RFC 3629) piece by piece: no overlong forms, no surrogates, nothing
/// above U+10FFFF. A piece may end inside a character.
class Utf8Checker {
 public:
  /// False as soon as no continuation could make the text valid; then only reset() helps.
  bool feed(std::string_view piece);

  /// Whether the text may end here.
  bool complete() const { return missing_ == 0; }

  void reset() { *this = Utf8Checker{}; }

 private:
  bool lead(std::uint8_t byte);

  std::uint8_t missing_{0};  // continuation bytes still to come
  std::uint8_t low_{0x80};   // bounds of the next one
  std::uint8_t high_{0xBF};
};

/// Whether the whole text is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace msgd
