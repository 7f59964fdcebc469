// SPDX-License-Identifier: Apache-2.0
#include "net/utf8.h"

#include <cstddef>
#include <cstring>

namespace msgd {

bool Utf8Checker::feed(std::string_view piece) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t i = 0;
  while (i < piece.size()) {
    if (missing_ == 0) {
      std::uint64_t eight = 0;
      while (piece.size() - i >= sizeof eight) {  // chat is mostly ASCII
        std::memcpy(&eight, piece.data() + i, sizeof eight);
        if ((eight & kHighBits) != 0) break;
        i += sizeof eight;
      }
      if (i == piece.size()) return true;
    }
    const auto byte = static_cast<std::uint8_t>(piece[i++]);
    if (missing_ == 0) {
      if (byte >= 0x80 && !lead(byte)) return false;
    } else {
      if (byte < low_ || byte > high_) return false;
      --missing_;
      low_ = 0x80;
      high_ = 0xBF;
    }
  }
  return true;
}

// RFC 3629 §4: the second byte's range depends on the first.
bool Utf8Checker::lead(std::uint8_t byte) {
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) low_ = 0xA0;
  if (byte == 0xED) high_ = 0x9F;
  if (byte == 0xF0) low_ = 0x90;
  if (byte == 0xF4) high_ = 0x8F;
  return true;
}

bool is_utf8(std::string_view text) {
  Utf8Checker checker;
  return checker.feed(text) && checker.complete();
}

}  // namespace msgd
