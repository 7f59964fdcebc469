// SPDX-License-Identifier: Apache-2.0
#include "messenger/peace.h"

#include <algorithm>

namespace msg {
namespace {

/// Its first place in a list that was asked for in pages of this size.
constexpr int kBlocksPerPage = 1000;

Result<bool> blocks(Batch& batch, UserId user, UserId other) {
  MSG_TRY(const auto found,
          batch.rows().find_side_record(SideKind::block, to_int(user), side_key(other)));
  return found.has_value();
}

}  // namespace

Result<bool> blocks(Snapshot& snapshot, UserId user, UserId other) {
  MSG_TRY(const auto found,
          snapshot.find_side_record(SideKind::block, to_int(user), side_key(other)));
  return found.has_value();
}

Result<void> require_welcome(Batch& batch, UserId actor, std::span<const UserId> users) {
  // Mostly nobody blocks the actor, so one look does for all.
  std::string after;
  while (true) {
    MSG_TRY(const auto page, batch.rows().list_side_records(SideKind::blocked_by, to_int(actor),
                                                            after, kBlocksPerPage));
    for (const SideRecord& record : page) {
      if (std::ranges::find(users, user_of_key(record.key)) == users.end()) continue;
      return fail(Code::permission_denied, "This user does not want to be added by you.",
                  "user_id");
    }
    if (page.size() < kBlocksPerPage) return {};
    after = page.back().key;
  }
}

Result<DirectState> read_peace(Batch& batch, UserId low, UserId high) {
  DirectState direct;
  if (low == high) return direct;
  MSG_CHECK(batch.rows().lock_side_records({SideKind::block, to_int(low)}));
  MSG_CHECK(batch.rows().lock_side_records({SideKind::block, to_int(high)}));
  MSG_TRY(direct.low_blocks, blocks(batch, low, high));
  MSG_TRY(direct.high_blocks, blocks(batch, high, low));
  return direct;
}

}  // namespace msg
