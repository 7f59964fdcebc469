// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_snapshot.h"

#include <algorithm>

#include "store/sqlite/sqlite_records.h"
#include "store/sqlite/sqlite_rows.h"

namespace msg::sqlite {
namespace {

template <class T>
using Read = Result<T> (*)(const Query&);

/// The first row of a statement, if it has one.
template <class T, class... Values>
Result<std::optional<T>> find(Connection& connection, Sql sql, Read<T> read,
                              const Values&... values) {
  MSG_TRY(Query query, connection.use(sql));
  MSG_TRY(const bool found, query.bind(values...).step());
  if (!found) return std::nullopt;
  MSG_TRY(T row, read(query));
  return row;
}

/// All rows of a statement, which bounds their number itself.
template <class T, class... Values>
Result<std::vector<T>> list(Connection& connection, Sql sql, Read<T> read,
                            const Values&... values) {
  MSG_TRY(Query query, connection.use(sql));
  query.bind(values...);
  std::vector<T> rows;
  for (;;) {
    MSG_TRY(const bool found, query.step());
    if (!found) return rows;
    MSG_TRY(T row, read(query));
    rows.push_back(std::move(row));
  }
}

/// To SQLite a negative LIMIT means none.
int limit_of(int limit) {
  return std::max(limit, 0);
}

}  // namespace

template <class Base>
Result<Version> SqliteReads<Base>::last_version() {
  MSG_TRY(auto version, find(connection_, Sql::last_version, read_id<Version>));
  if (!version) return fail(Code::corrupt, "the store has lost its meta row");
  return *version;
}

template <class Base>
Result<std::vector<WriterRun>> SqliteReads<Base>::list_writer_runs(ConversationId conversation,
                                                                   Version up_to, int limit) {
  MSG_TRY(auto runs, list(connection_, Sql::list_writer_runs, read_writer_run, conversation, up_to,
                          limit_of(limit)));
  for (WriterRun& run : runs) run.conversation = conversation;
  return runs;
}

template <class Base>
Result<std::vector<Record>> SqliteReads<Base>::scan(Table table, const RecordKey& after,
                                                    const ScanLimit& limit) {
  MSG_TRY(auto records, scan_records(connection_, table, after, limit));
  if (origin_) MSG_CHECK(add_writers(*this, records));
  return records;
}

template <class Base>
Result<std::vector<Standing>> SqliteReads<Base>::list_standings(UserId user, ConversationId after,
                                                                int limit) {
  MSG_TRY(auto standings,
          list(connection_, Sql::list_standings, read_standing, user, after, limit_of(limit)));
  if (origin_) {
    for (Standing& standing : standings) MSG_CHECK(add_writers(*this, standing));
  }
  return standings;
}

template <class Base>
Result<std::vector<ListPlace>> SqliteReads<Base>::list_places(UserId user, ConversationId after,
                                                              int limit) {
  return list(connection_, Sql::list_places, read_list_place, user, after, limit_of(limit));
}

template <class Base>
Result<std::optional<User>> SqliteReads<Base>::find_user(UserId user) {
  return find(connection_, Sql::find_user, read_user, user);
}

template <class Base>
Result<std::optional<UserId>> SqliteReads<Base>::find_phone(std::string_view phone) {
  return find(connection_, Sql::find_phone, read_id<UserId>, phone);
}

template <class Base>
Result<std::optional<UserId>> SqliteReads<Base>::find_username(std::string_view name) {
  return find(connection_, Sql::find_username, read_id<UserId>, name);
}

template <class Base>
Result<std::vector<User>> SqliteReads<Base>::list_users(UserId after, int limit) {
  return list(connection_, Sql::list_users, read_user, after, limit_of(limit));
}

template <class Base>
Result<std::optional<ConversationRow>> SqliteReads<Base>::find_conversation(ConversationId id) {
  return find(connection_, Sql::find_conversation, read_conversation, id);
}

template <class Base>
Result<std::optional<ConversationId>> SqliteReads<Base>::find_direct(UserId low, UserId high) {
  return find(connection_, Sql::find_direct, read_id<ConversationId>, low, high);
}

template <class Base>
Result<std::optional<MemberRow>> SqliteReads<Base>::find_member(ConversationId conversation,
                                                                UserId user) {
  return find(connection_, Sql::find_member, read_member, conversation, user);
}

template <class Base>
Result<std::vector<MemberRow>> SqliteReads<Base>::list_members(ConversationId conversation,
                                                               UserId after, int limit) {
  return list(connection_, Sql::list_members, read_member, conversation, after, limit_of(limit));
}

template <class Base>
Result<std::vector<MemberRow>> SqliteReads<Base>::list_members_changed(ConversationId conversation,
                                                                       Version after, int limit) {
  return list(connection_, Sql::list_members_changed, read_member, conversation, after,
              limit_of(limit));
}

template <class Base>
Result<std::vector<MembershipRow>> SqliteReads<Base>::list_memberships(UserId user,
                                                                       ConversationId after,
                                                                       int limit) {
  return list(connection_, Sql::list_memberships, read_membership, user, after, limit_of(limit));
}

template <class Base>
Result<std::optional<Message>> SqliteReads<Base>::find_message(const MessageId& id) {
  return find(connection_, Sql::find_message, read_message, id.conversation, id.seq);
}

template <class Base>
Result<std::vector<Message>> SqliteReads<Base>::list_messages(ConversationId conversation, Seq from,
                                                              Seq to, int limit, Order order) {
  const Sql sql = order == Order::oldest_first ? Sql::list_messages_oldest_first
                                               : Sql::list_messages_newest_first;
  return list(connection_, sql, read_message, conversation, from, to, limit_of(limit));
}

template <class Base>
Result<std::optional<Seq>> SqliteReads<Base>::find_seq_after(ConversationId conversation,
                                                             Version version) {
  MSG_TRY(const auto mark,
          find(connection_, Sql::find_time_mark, read_id<Seq>, conversation, version));
  // The message of the mark is not above `version`, that of the next mark is: the answer lies
  // between, or, without a next mark, there are fewer than an interval of messages left.
  const std::int64_t from = mark ? to_int(*mark) : 0;
  return find(connection_, Sql::find_seq_above, read_id<Seq>, conversation, Seq{from + 1},
              Seq{from + kTimeMarkInterval}, version);
}

template <class Base>
Result<std::optional<IdempotencyRow>> SqliteReads<Base>::find_idempotency(
    ConversationId conversation, UserId sender, std::string_view client_id) {
  return find(connection_, Sql::find_idempotency, read_idempotency, conversation, sender,
              client_id);
}

template <class Base>
Result<std::vector<MessageChange>> SqliteReads<Base>::list_message_changes(
    ConversationId conversation, Version after, int limit) {
  return list(connection_, Sql::list_message_changes, read_message_change, conversation, after,
              limit_of(limit));
}

template <class Base>
Result<std::optional<RevisionsRow>> SqliteReads<Base>::find_revisions(const MessageId& id) {
  return find(connection_, Sql::find_revisions, read_revisions, id.conversation, id.seq);
}

template <class Base>
Result<std::vector<std::optional<AnnotationRow>>> SqliteReads<Base>::find_annotations(
    std::span<const MessageId> ids, UserId user) {
  std::vector<std::optional<AnnotationRow>> rows;
  rows.reserve(ids.size());
  for (const auto& [conversation, seq] : ids) {
    MSG_TRY(auto row,
            find(connection_, Sql::find_annotation, read_annotation, conversation, seq, user));
    rows.push_back(std::move(row));
  }
  return rows;
}

template <class Base>
Result<std::vector<AnnotationRow>> SqliteReads<Base>::list_annotations(const MessageId& id,
                                                                       UserId after, int limit) {
  return list(connection_, Sql::list_annotations, read_annotation, id.conversation, id.seq, after,
              limit_of(limit));
}

template <class Base>
Result<std::optional<Life>> SqliteReads<Base>::find_life(std::size_t writer, Version version) {
  return find(connection_, Sql::find_life, read_life, static_cast<std::int64_t>(writer), version);
}

template <class Base>
Result<std::vector<Life>> SqliteReads<Base>::list_lives() {
  return list(connection_, Sql::list_lives, read_life);
}

template <class Base>
Result<std::optional<Session>> SqliteReads<Base>::find_session(const TokenHash& token) {
  return find(connection_, Sql::find_session, read_session, Blob(token));
}

template <class Base>
Result<std::vector<Session>> SqliteReads<Base>::list_sessions(UserId user) {
  return list(connection_, Sql::list_sessions, read_session, user);
}

template <class Base>
Result<std::optional<ApiKey>> SqliteReads<Base>::find_api_key(const TokenHash& secret) {
  return find(connection_, Sql::find_api_key, read_api_key, Blob(secret));
}

template <class Base>
Result<std::vector<ApiKey>> SqliteReads<Base>::list_api_keys() {
  return list(connection_, Sql::list_api_keys, read_api_key);
}

template <class Base>
Result<std::optional<SideRecord>> SqliteReads<Base>::find_side_record(SideKind kind,
                                                                      std::int64_t owner,
                                                                      std::string_view key) {
  const std::string bytes(key);
  return find(connection_, Sql::find_side_record, read_side_record, to_int(kind), owner,
              Blob(bytes));
}

template <class Base>
Result<std::vector<SideRecord>> SqliteReads<Base>::list_side_records(SideKind kind,
                                                                     std::int64_t owner,
                                                                     std::string_view after,
                                                                     int limit) {
  const std::string bytes(after);
  return list(connection_, Sql::list_side_records, read_side_record, to_int(kind), owner,
              Blob(bytes), limit_of(limit));
}

template class SqliteReads<Snapshot>;
template class SqliteReads<WriteTransaction>;

Result<std::unique_ptr<SqliteSnapshot>> SqliteSnapshot::take(ReaderPool::Lease lease,
                                                             Origin origin) {
  // BEGIN alone reads nothing: the view is that of the first read.
  MSG_CHECK(lease->begin(Sql::begin_read));
  std::unique_ptr<SqliteSnapshot> snapshot(new SqliteSnapshot(std::move(lease), std::move(origin)));
  MSG_TRY(snapshot->last_version_, snapshot->SqliteReads::last_version());
  return snapshot;
}

}  // namespace msg::sqlite
