// SPDX-License-Identifier: Apache-2.0
#include "core/quote.h"

#include <algorithm>

namespace msg {

Quote quote_of(const Message& answered) {
  Quote quote{.sender = answered.sender,
              .version = answered.version,
              .kind = answered.kind,
              .excerpt = {},
              .deleted = answered.deleted};
  if (answered.kind != MessageKind::text) return quote;
  std::size_t size = std::min(answered.content.size(), kQuoteBytesMax);
  const auto is_inside = [&](std::size_t at) {
    return at < answered.content.size() &&
           (static_cast<unsigned char>(answered.content[at]) & 0xC0) == 0x80;
  };
  while (size > 0 && is_inside(size)) --size;
  quote.excerpt = answered.content.substr(0, size);
  return quote;
}

}  // namespace msg
