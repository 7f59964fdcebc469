// SPDX-License-Identifier: Apache-2.0
#include "maintenance/check_people.h"

#include "maintenance/describe.h"
#include "maintenance/record_stream.h"

namespace msg {
namespace {

/// Steps over the records that begin with `user`, or with one before, who does not exist then.
template <class Take>
Result<void> step_to(RecordStream& records, Table table, std::optional<std::int64_t> user,
                     Findings& findings, Take take) {
  while (true) {
    MSG_TRY(const Record* const record, records.peek());
    if (record == nullptr || (user && record->key.ids[0] > *user)) return {};
    if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
      findings.add(words_of(table, record->key) + " cannot be read: " + bad->why + ".");
    } else if (record->key.ids[0] != user) {
      findings.add(words_of(table, record->key) + ": there is no such user.");
    } else {
      take(*record);
    }
    records.skip();
  }
}

Result<void> check_api_keys(Snapshot& snapshot, Findings& findings) {
  RecordStream keys(snapshot, Table::api_keys);
  while (true) {
    MSG_TRY(const Record* const record, keys.peek());
    if (record == nullptr) break;
    if (const auto* bad = std::get_if<Unreadable>(&record->row)) {
      findings.add(words_of(Table::api_keys, record->key) + " cannot be read: " + bad->why + ".");
    }
    keys.skip();
  }
  findings.report().api_keys = keys.rows();
  return {};
}

}  // namespace

Result<void> check_people(Snapshot& snapshot, const Horizon& horizon, Findings& findings) {
  RecordStream users(snapshot, Table::users, RecordKey::first(),
                     [&](std::int64_t rows) { findings.tell(name_of(Table::users), rows, 0); });
  RecordStream sessions(snapshot, Table::sessions);
  RecordStream memberships(snapshot, Table::memberships);
  const auto check_version = [&](const Record& record) {
    const auto* own = std::get_if<Stamped<MembershipRow>>(&record.row);
    if (own == nullptr || horizon.sees({own->row.version, own->writer})) return;
    findings.add(words_of(Table::memberships, record.key) +
                 " has a version above the newest of the store.");
  };
  while (true) {
    MSG_TRY(const Record* const user, users.peek());
    std::optional<std::int64_t> id;
    if (user != nullptr) id = user->key.ids[0];
    MSG_CHECK(step_to(sessions, Table::sessions, id, findings, [](const Record&) {}));
    MSG_CHECK(step_to(memberships, Table::memberships, id, findings, check_version));
    if (user == nullptr) break;
    if (const auto* bad = std::get_if<Unreadable>(&user->row)) {
      findings.add(words_of(Table::users, user->key) + " cannot be read: " + bad->why + ".");
    }
    users.skip();
  }
  findings.report().users = users.rows();
  findings.report().sessions = sessions.rows();
  return check_api_keys(snapshot, findings);
}

}  // namespace msg
