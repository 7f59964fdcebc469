// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/list_log.h"

#include <algorithm>

namespace msg::postgres {

void ListLog::send(Connection& connection, std::int64_t writer, const ListEntry& entry,
                   Version before, Version last) {
  queued_.reset();
  erased_.reset();
  if (!is_begun_) erased_ = before;  // of earlier processes
  if (rows_.size() >= 2 * kKept) erased_ = rows_.at(kKept - 1);
  if (erased_) connection.send(Sql::erase_list_changes, Params(writer, *erased_));
  if (!entry.empty()) {
    Column conversations(Column::Type::int8);
    for (const ConversationId id : entry.conversations) conversations.add(id);
    Column users(Column::Type::int8);
    for (const UserId id : entry.users) users.add(id);
    connection.send(Sql::insert_list_change, Params(writer, last, conversations, users));
    queued_ = last;
  }
  connection.send(Sql::put_last_version, Params(writer, last, erased_.value_or(Version{})));
}

void ListLog::sent(bool is_committed) {
  if (!is_committed) return;
  is_begun_ = true;
  if (erased_) std::erase_if(rows_, [&](Version row) { return row <= *erased_; });
  if (queued_) rows_.push_back(*queued_);
}

}  // namespace msg::postgres
