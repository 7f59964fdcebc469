// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/horizon.h"
#include "msg/status.h"
#include "store/postgres/params.h"
#include "store/postgres/rows.h"
#include "store/rows.h"
#include "store/side_record.h"

namespace msg::postgres {

// From the next columns of a row to a struct, in the column order of statements.cpp. corrupt when
// a column holds what was never written.
Result<User> read_user(Columns& columns);
Result<ConversationRow> read_conversation(Columns& columns);
Result<MemberRow> read_member(Columns& columns);
Result<MembershipRow> read_membership(Columns& columns);
Result<Participation> read_participation(Columns& columns);
Result<Standing> read_standing(Columns& columns);
Result<Message> read_message(Columns& columns);
Result<MessageChange> read_message_change(Columns& columns);
Result<RevisionsRow> read_revisions(Columns& columns);
Result<AnnotationRow> read_annotation(Columns& columns);
Result<IdempotencyRow> read_idempotency(Columns& columns);
Result<Life> read_life(Columns& columns);
Result<Session> read_session(Columns& columns);
Result<SideRecord> read_side_record(Columns& columns);
Result<ApiKey> read_api_key(Columns& columns);

/// A statement of one integer column.
template <class Id>
Result<Id> read_id(Columns& columns) {
  return columns.id<Id>();
}

/// Rows of (writer, last version).
Result<Horizon> read_horizon(const Rows& rows);
/// As an array with a version per writer.
Column horizon_column(const Horizon& horizon);

template <class T>
using Read = Result<T> (*)(Columns&);

/// The first row, if there is one.
template <class T>
Result<std::optional<T>> read_first(const Rows& rows, Read<T> read) {
  if (rows.empty()) return std::nullopt;
  Columns columns(rows, 0);
  MSG_TRY(T row, read(columns));
  return row;
}

template <class T>
Result<std::vector<T>> read_all(const Rows& rows, Read<T> read) {
  std::vector<T> all;
  all.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    Columns columns(rows, i);
    MSG_TRY(T row, read(columns));
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace msg::postgres
