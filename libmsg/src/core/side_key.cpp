// SPDX-License-Identifier: Apache-2.0
#include "core/side_key.h"

namespace msg {

std::string side_key(std::int64_t id) {
  auto number = static_cast<std::uint64_t>(id);
  std::string key(8, '\0');
  for (auto byte = key.rbegin(); byte != key.rend(); ++byte, number >>= 8) {
    *byte = static_cast<char>(number & 0xff);
  }
  return key;
}

std::int64_t id_of_side_key(std::string_view key) {
  std::uint64_t number = 0;
  for (const char byte : key) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace msg
