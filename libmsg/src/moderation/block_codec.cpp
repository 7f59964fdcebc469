// SPDX-License-Identifier: Apache-2.0
#include "moderation/block_codec.h"

#include "core/varint.h"
#include "messenger/peace.h"

// block, blocked_by = at        side records of a user; at: zigzag

namespace msg {

SideRecord record_of(SideKind kind, UserId owner, UserId other, Time at) {
  std::string value;
  put_zigzag(value, at.time_since_epoch().count());
  return {.kind = kind,
          .owner = to_int(owner),
          .key = side_key(other),
          .value = std::move(value),
          .expires_at = {}};
}

Result<Block> block_of(const SideRecord& record) {
  ByteReader reader(record.value);
  const Block block{.user = user_of_key(record.key),
                    .at = Time{std::chrono::milliseconds{reader.zigzag()}}};
  if (!reader.done() || record.key.size() != 8) return fail(Code::corrupt, "block: malformed");
  return block;
}

}  // namespace msg
