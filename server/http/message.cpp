// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

namespace msgd {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (field == name) return value;
  }
  return std::nullopt;
}

}  // namespace msgd
