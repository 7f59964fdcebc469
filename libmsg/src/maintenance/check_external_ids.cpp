// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_external_ids.h"

#include "external_ids/external_id_codec.h"

namespace msg {

Result<void> check_external_id(Snapshot& snapshot, const SideRecord& record,
                               const std::string& words, Findings& findings) {
  const auto row = decode_external(record.value);
  if (!row) {
    findings.add(words + " cannot be read: " + row.error().detail + ".");
    return {};
  }
  const bool leads_to_user = record.kind == SideKind::external_id;
  const SideRecord here = leads_to_user ? record_of_id(*row) : record_of_user(*row);
  const SideRecord there = leads_to_user ? record_of_user(*row) : record_of_id(*row);
  if (record.owner != here.owner || record.key != here.key) {
    findings.add(words + " is not where its id belongs.");
    return {};
  }
  MSG_TRY(const auto user, snapshot.find_user(row->user));
  if (!user) findings.add(words + " leads to a user who does not exist.");
  MSG_TRY(const auto other, snapshot.find_side_record(there.kind, there.owner, there.key));
  if (other != there) findings.add(words + " has no other half.");
  return {};
}

}  // namespace msg
