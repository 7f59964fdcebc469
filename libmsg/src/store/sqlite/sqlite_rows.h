// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/horizon.h"
#include "msg/status.h"
#include "msg/types.h"
#include "store/rows.h"
#include "store/side_record.h"
#include "store/sqlite/query.h"

namespace msg::sqlite {

// From the current row of a query to a struct, in the column order of statements.cpp. corrupt when
// a column holds what was never written.
Result<User> read_user(const Query& query);
Result<ConversationRow> read_conversation(const Query& query);
Result<MemberRow> read_member(const Query& query);
Result<MembershipRow> read_membership(const Query& query);
Result<ListPlace> read_list_place(const Query& query);
/// A membership with its conversation and member, which have to be there.
Result<Standing> read_standing(const Query& query);
Result<Message> read_message(const Query& query);
Result<MessageChange> read_message_change(const Query& query);
Result<RevisionsRow> read_revisions(const Query& query);
Result<AnnotationRow> read_annotation(const Query& query);
Result<IdempotencyRow> read_idempotency(const Query& query);
/// From the columns that begin with `first`.
Result<IdempotencyRow> read_idempotency(const Query& query, int first);
Result<Life> read_life(const Query& query);
Result<Session> read_session(const Query& query);
Result<SideRecord> read_side_record(const Query& query);
Result<ApiKey> read_api_key(const Query& query);

/// A query of one integer column.
template <class Id>
Result<Id> read_id(const Query& query) {
  return Id{query.integer(0)};
}

// From a struct to the parameters of its put_ statement, which is then run.
Result<void> write_user(Query& query, const User& user);
Result<void> write_conversation(Query& query, const ConversationRow& row);
Result<void> write_member(Query& query, const MemberRow& row);
/// A new one, without what a change leaves.
Result<void> write_message(Query& query, const Message& message);
Result<void> rewrite_message(Query& query, const Message& message);

}  // namespace msg::sqlite
