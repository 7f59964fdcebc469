// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_snapshot.h"

#include <algorithm>
#include <map>

#include "store/postgres/postgres_records.h"
#include "store/postgres/postgres_rows.h"

namespace msg::postgres {

template <class Base>
Result<Version> PostgresReads<Base>::last_version() {
  MSG_TRY(const Rows rows, query(Sql::last_version, {}));
  return Version{rows.integer(0, 0)};
}

template <class Base>
Result<Horizon> PostgresReads<Base>::horizon() {
  MSG_TRY(const Rows rows, query(Sql::horizon, {}));
  return read_horizon(rows);
}

template <class Base>
Result<std::vector<Standing>> PostgresReads<Base>::list_standings(UserId user, ConversationId after,
                                                                  int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_standings, Params(user, after, limit_of(limit))));
  return read_all(rows, read_standing);
}

template <class Base>
Result<Version> PostgresReads<Base>::seen_version(ConversationId conversation,
                                                  const Horizon& seen) {
  MSG_TRY(const Rows rows, query(Sql::seen_version, Params(conversation, horizon_column(seen))));
  return Version{rows.integer(0, 0)};
}

template <class Base>
Result<std::vector<Record>> PostgresReads<Base>::scan(Table table, const RecordKey& after,
                                                      const ScanLimit& limit) {
  MSG_TRY(const Rows rows, query(scan_statement(table), scan_params(table, after, limit)));
  return read_records(table, rows);
}

template <class Base>
Result<std::optional<User>> PostgresReads<Base>::find_user(UserId user) {
  MSG_TRY(const Rows rows, query(Sql::find_user, Params(user)));
  return read_first(rows, read_user);
}

template <class Base>
Result<std::optional<UserId>> PostgresReads<Base>::find_phone(std::string_view phone) {
  MSG_TRY(const Rows rows, query(Sql::find_phone, Params(phone)));
  return read_first(rows, read_id<UserId>);
}

template <class Base>
Result<std::optional<UserId>> PostgresReads<Base>::find_username(std::string_view name) {
  MSG_TRY(const Rows rows, query(Sql::find_username, Params(name)));
  return read_first(rows, read_id<UserId>);
}

template <class Base>
Result<std::vector<User>> PostgresReads<Base>::list_users(UserId after, int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_users, Params(after, limit_of(limit))));
  return read_all(rows, read_user);
}

template <class Base>
Result<std::optional<ConversationRow>> PostgresReads<Base>::find_conversation(ConversationId id) {
  MSG_TRY(const Rows rows, query(Sql::find_conversation, Params(id)));
  return read_first(rows, read_conversation);
}

template <class Base>
Result<std::optional<ConversationId>> PostgresReads<Base>::find_direct(UserId low, UserId high) {
  MSG_TRY(const Rows rows, query(Sql::find_direct, Params(low, high)));
  return read_first(rows, read_id<ConversationId>);
}

template <class Base>
Result<std::optional<MemberRow>> PostgresReads<Base>::find_member(ConversationId conversation,
                                                                  UserId user) {
  MSG_TRY(const Rows rows, query(Sql::find_member, Params(conversation, user)));
  return read_first(rows, read_member);
}

template <class Base>
Result<std::vector<MemberRow>> PostgresReads<Base>::list_members(ConversationId conversation,
                                                                 UserId after, int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_members, Params(conversation, after, limit_of(limit))));
  return read_all(rows, read_member);
}

template <class Base>
Result<std::vector<MemberRow>> PostgresReads<Base>::list_members_changed(
    ConversationId conversation, Version after, int limit) {
  MSG_TRY(const Rows rows,
          query(Sql::list_members_changed, Params(conversation, after, limit_of(limit))));
  return read_all(rows, read_member);
}

template <class Base>
Result<std::vector<MembershipRow>> PostgresReads<Base>::list_memberships(UserId user,
                                                                         ConversationId after,
                                                                         int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_memberships, Params(user, after, limit_of(limit))));
  return read_all(rows, read_membership);
}

template <class Base>
Result<std::optional<Message>> PostgresReads<Base>::find_message(const MessageId& id) {
  MSG_TRY(const Rows rows, query(Sql::find_message, Params(id.conversation, id.seq)));
  return read_first(rows, read_message);
}

template <class Base>
Result<std::vector<Message>> PostgresReads<Base>::list_messages(ConversationId conversation,
                                                                Seq from, Seq to, int limit,
                                                                Order order) {
  MSG_TRY(const Rows rows,
          query(list_messages_in(order), Params(conversation, from, to, limit_of(limit))));
  return read_all(rows, read_message);
}

template <class Base>
Result<std::optional<Seq>> PostgresReads<Base>::find_seq_after(ConversationId conversation,
                                                               Version version) {
  MSG_TRY(const Rows rows, query(Sql::find_seq_after, Params(conversation, version)));
  return read_first(rows, read_id<Seq>);
}

template <class Base>
Result<std::optional<IdempotencyRow>> PostgresReads<Base>::find_idempotency(
    ConversationId conversation, UserId sender, std::string_view client_id) {
  MSG_TRY(const Rows rows, query(Sql::find_idempotency, Params(conversation, sender, client_id)));
  return read_first(rows, read_idempotency);
}

template <class Base>
Result<std::vector<MessageChange>> PostgresReads<Base>::list_message_changes(
    ConversationId conversation, Version after, int limit) {
  MSG_TRY(const Rows rows,
          query(Sql::list_message_changes, Params(conversation, after, limit_of(limit))));
  return read_all(rows, read_message_change);
}

template <class Base>
Result<std::optional<RevisionsRow>> PostgresReads<Base>::find_revisions(const MessageId& id) {
  MSG_TRY(const Rows rows, query(Sql::find_revisions, Params(id.conversation, id.seq)));
  return read_first(rows, read_revisions);
}

template <class Base>
Result<std::vector<std::optional<AnnotationRow>>> PostgresReads<Base>::find_annotations(
    std::span<const MessageId> ids, UserId user) {
  std::map<ConversationId, Column> asked;
  for (const auto& [conversation, seq] : ids) {
    asked.try_emplace(conversation, Column::Type::int8).first->second.add(seq);
  }
  std::map<MessageId, AnnotationRow> found;
  for (const auto& [conversation, seqs] : asked) {
    MSG_TRY(const Rows rows, query(Sql::find_annotations, Params(conversation, seqs, user)));
    MSG_TRY(auto annotations, read_all(rows, read_annotation));
    for (auto& row : annotations) found.insert_or_assign(row.message, std::move(row));
  }
  std::vector<std::optional<AnnotationRow>> annotations;
  for (const MessageId& id : ids) {
    const auto row = found.find(id);
    annotations.push_back(row == found.end() ? std::nullopt : std::optional(row->second));
  }
  return annotations;
}

template <class Base>
Result<std::vector<AnnotationRow>> PostgresReads<Base>::list_annotations(const MessageId& id,
                                                                         UserId after, int limit) {
  MSG_TRY(const Rows rows,
          query(Sql::list_annotations, Params(id.conversation, id.seq, after, limit_of(limit))));
  return read_all(rows, read_annotation);
}

template <class Base>
Result<std::optional<Life>> PostgresReads<Base>::find_life(std::size_t writer, Version version) {
  MSG_TRY(const Rows rows,
          query(Sql::find_life, Params(static_cast<std::int64_t>(writer), version)));
  return read_first(rows, read_life);
}

template <class Base>
Result<std::vector<Life>> PostgresReads<Base>::list_lives() {
  MSG_TRY(const Rows rows, query(Sql::list_lives, {}));
  return read_all(rows, read_life);
}

template <class Base>
Result<std::optional<Session>> PostgresReads<Base>::find_session(const TokenHash& token) {
  MSG_TRY(const Rows rows, query(Sql::find_session, Params(Bytes(token))));
  return read_first(rows, read_session);
}

template <class Base>
Result<std::vector<Session>> PostgresReads<Base>::list_sessions(UserId user) {
  MSG_TRY(const Rows rows, query(Sql::list_sessions, Params(user)));
  return read_all(rows, read_session);
}

template <class Base>
Result<std::optional<ApiKey>> PostgresReads<Base>::find_api_key(const TokenHash& secret) {
  MSG_TRY(const Rows rows, query(Sql::find_api_key, Params(Bytes(secret))));
  return read_first(rows, read_api_key);
}

template <class Base>
Result<std::vector<ApiKey>> PostgresReads<Base>::list_api_keys() {
  MSG_TRY(const Rows rows, query(Sql::list_api_keys, {}));
  return read_all(rows, read_api_key);
}

template class PostgresReads<Snapshot>;
template class PostgresReads<WriteTransaction>;

}  // namespace msg::postgres
