// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/rows.h"

namespace msg::postgres {

std::int64_t Rows::integer(int row, int column) const {
  const std::string_view raw = bytes(row, column);
  if (raw.empty()) return 0;
  // Highest byte first; the sign is that of the first byte.
  auto value =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(raw[0])));
  for (const char byte : raw.substr(1)) value = (value << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

}  // namespace msg::postgres
