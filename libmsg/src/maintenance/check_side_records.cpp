// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_side_records.h"

#include "admin/audit_codec.h"
#include "maintenance/check_external_ids.h"
#include "maintenance/check_moderation.h"
#include "maintenance/describe.h"
#include "maintenance/record_stream.h"

namespace msg {
namespace {

/// The expiry entry at this key.
Result<bool> has_expiry(Snapshot& snapshot, const RecordKey& key) {
  // A scan begins behind a key. None lies between this one and the key itself: they are not longer
  // than kSideKeyMax, and not empty.
  RecordKey before = key;
  const auto last = static_cast<unsigned char>(before.text.back());
  before.text.pop_back();
  if (last > 0) {
    before.text += static_cast<char>(last - 1);
    before.text += std::string(kSideKeyMax, '\xff');
  }
  MSG_TRY(const auto found, snapshot.scan(Table::expiries, before, {.rows = 1, .bytes = 1}));
  return !found.empty() && found.front().key == key;
}

Result<void> check_record(Snapshot& snapshot, const Record& record, Findings& findings) {
  const std::string words = words_of(Table::side_records, record.key);
  const auto* side = std::get_if<SideRecord>(&record.row);
  if (side == nullptr) {
    findings.add(words + " cannot be read: " + std::get<Unreadable>(record.row).why + ".");
    return {};
  }
  if (side->key.empty() || side->key.size() > kSideKeyMax) {
    findings.add(words + " has a key of " + std::to_string(side->key.size()) + " bytes.");
    return {};
  }
  MSG_CHECK(check_moderation(snapshot, *side, findings));
  if (side->kind == SideKind::external_id || side->kind == SideKind::external_user) {
    MSG_CHECK(check_external_id(snapshot, *side, words, findings));
  }
  if (side->kind == SideKind::audit) {
    const auto entry = decode_audit(*side);
    if (!entry) findings.add(words + " cannot be read: " + entry.error().detail + ".");
  }
  if (!side->expires_at) return {};
  const RecordKey expiry{
      .ids = {side->expires_at->time_since_epoch().count(), to_int(side->kind), side->owner},
      .text = side->key};
  MSG_TRY(const bool found, has_expiry(snapshot, expiry));
  if (!found) findings.add(words + " is not found by the time at which it expires.");
  return {};
}

Result<void> check_expiry(Snapshot& snapshot, const RecordKey& key, Findings& findings) {
  const auto& [time, kind, owner] = key.ids;
  MSG_TRY(const auto side, snapshot.find_side_record(SideKind{kind}, owner, key.text));
  if (side && side->expires_at == Time{std::chrono::milliseconds{time}}) return {};
  findings.add(words_of(Table::expiries, key) + (side
                                                     ? " leads to one that expires at another time."
                                                     : " leads to one that does not exist."));
  return {};
}

}  // namespace

Result<void> check_side_records(Snapshot& snapshot, Findings& findings) {
  RecordStream records(snapshot, Table::side_records, RecordKey::first(), [&](std::int64_t rows) {
    findings.tell(name_of(Table::side_records), rows, 0);
  });
  while (true) {
    MSG_TRY(const Record* const record, records.peek());
    if (record == nullptr) break;
    MSG_CHECK(check_record(snapshot, *record, findings));
    records.skip();
  }
  RecordStream expiries(snapshot, Table::expiries);
  while (true) {
    MSG_TRY(const Record* const record, expiries.peek());
    if (record == nullptr) return {};
    MSG_CHECK(check_expiry(snapshot, record->key, findings));
    expiries.skip();
  }
}

}  // namespace msg
