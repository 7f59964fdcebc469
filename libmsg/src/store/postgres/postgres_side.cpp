// SPDX-License-Identifier: Apache-2.0
// Side records, read and written.
#include <algorithm>

#include "store/postgres/postgres_rows.h"
#include "store/postgres/postgres_write.h"

namespace msg::postgres {

template <class Base>
Result<std::optional<SideRecord>> PostgresReads<Base>::find_side_record(SideKind kind,
                                                                        std::int64_t owner,
                                                                        std::string_view key) {
  MSG_TRY(const Rows rows, query(Sql::find_side_record, Params(to_int(kind), owner, Bytes(key))));
  return read_first(rows, read_side_record);
}

template <class Base>
Result<std::vector<SideRecord>> PostgresReads<Base>::list_side_records(SideKind kind,
                                                                       std::int64_t owner,
                                                                       std::string_view after,
                                                                       int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_side_records,
                                 Params(to_int(kind), owner, Bytes(after), std::max(limit, 0))));
  return read_all(rows, read_side_record);
}

template class PostgresReads<Snapshot>;
template class PostgresReads<WriteTransaction>;

/// The lock is the server's, by number, because what is not there yet cannot be locked. Two owners
/// of one number wait for each other without need, once in a while.
Result<void> PostgresTransaction::lock_side_records(const SideOwner& records) {
  if (!side_locks_.insert(records).second) return {};
  MSG_TRY(const Rows rows,
          query(Sql::lock_side_records, Params(to_int(records.kind), records.owner)));
  return {};
}

Result<void> PostgresTransaction::put_side_record(const SideRecord& record) {
  buffer_.put(record);
  return {};
}

Result<void> PostgresTransaction::erase_side_record(SideKind kind, std::int64_t owner,
                                                    std::string_view key) {
  buffer_.add(Sql::erase_side_record, Params(to_int(kind), owner, Bytes(key)));
  return {};
}

Result<int> PostgresTransaction::erase_expired(Time now, int limit) {
  MSG_TRY(const Rows rows, query(Sql::erase_expired, Params(now, std::max(limit, 0))));
  return static_cast<int>(rows.integer(0, 0));
}

}  // namespace msg::postgres
