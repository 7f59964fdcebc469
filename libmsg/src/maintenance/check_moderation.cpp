// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_moderation.h"

#include "maintenance/describe.h"
#include "messenger/peace.h"
#include "moderation/block_codec.h"
#include "moderation/invitation_codec.h"

namespace msg {
namespace {

std::string words_of_record(const SideRecord& record) {
  const RecordKey key{.ids = {to_int(record.kind), record.owner}, .text = record.key};
  return words_of(Table::side_records, key);
}

Result<void> check_block(Snapshot& snapshot, const SideRecord& record, Findings& findings) {
  const auto block = block_of(record);
  if (!block) {
    findings.add(words_of_record(record) + " cannot be read: " + block.error().detail + ".");
    return {};
  }
  const bool is_block = record.kind == SideKind::block;
  const SideKind other = is_block ? SideKind::blocked_by : SideKind::block;
  MSG_TRY(const auto found,
          snapshot.find_side_record(other, to_int(block->user), side_key(UserId{record.owner})));
  if (found && found->value == record.value) return {};
  findings.add(words_of_record(record) + (is_block ? " is not known to the one who is blocked."
                                                   : " tells of a block that does not exist."));
  return {};
}

template <class T>
void check_readable(const Result<T>& read, const SideRecord& record, Findings& findings) {
  if (read) return;
  findings.add(words_of_record(record) + " cannot be read: " + read.error().detail + ".");
}

}  // namespace

Result<void> check_moderation(Snapshot& snapshot, const SideRecord& record, Findings& findings) {
  switch (record.kind) {
    case SideKind::block:
    case SideKind::blocked_by:
      return check_block(snapshot, record, findings);
    case SideKind::invitation:
      check_readable(invitation_of(record), record, findings);
      return {};
    case SideKind::join_request:
      check_readable(join_request_of(record), record, findings);
      return {};
    default:
      return {};
  }
}

Result<void> check_blocks_of(Snapshot& snapshot, const ConversationRow& direct,
                             Findings& findings) {
  if (direct.kind != ConversationKind::direct) return {};
  const auto check = [&](UserId user, UserId other, bool noted) -> Result<void> {
    MSG_TRY(const auto found,
            snapshot.find_side_record(SideKind::block, to_int(user), side_key(other)));
    if (found.has_value() == noted) return {};
    findings.add(words_of(direct.id) + ": its head says that " + words_of(user) +
                 (noted ? " blocks " : " does not block ") + words_of(other) +
                 (noted ? ", who is not blocked." : ", who is blocked."));
    return {};
  };
  MSG_CHECK(check(direct.direct_low, direct.direct_high, direct.direct.low_blocks));
  return check(direct.direct_high, direct.direct_low, direct.direct.high_blocks);
}

}  // namespace msg
