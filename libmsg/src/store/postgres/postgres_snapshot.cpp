// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_snapshot.h"

#include <algorithm>

#include "store/postgres/postgres_records.h"
#include "store/postgres/postgres_rows.h"

namespace msg::postgres {
namespace {

/// To PostgreSQL a negative LIMIT is an error.
int limit_of(int limit) {
  return std::max(limit, 0);
}

Sql list_messages_in(Order order) {
  return order == Order::oldest_first ? Sql::list_messages_oldest_first
                                      : Sql::list_messages_newest_first;
}

}  // namespace

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
  std::vector<std::optional<AnnotationRow>> annotations(ids.size());
  if (ids.empty()) return annotations;
  Column conversations(Column::Type::int8);
  Column seqs(Column::Type::int8);
  for (const auto& [conversation, seq] : ids) {
    conversations.add(conversation);
    seqs.add(seq);
  }
  MSG_TRY(const Rows rows, query(Sql::find_annotations, Params(conversations, seqs, user)));
  for (int row = 0; row < rows.size(); ++row) {
    Columns columns(rows, row);
    const auto place = static_cast<std::size_t>(columns.integer());
    MSG_TRY(annotations.at(place - 1), read_annotation(columns));
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

Result<std::unique_ptr<PostgresSnapshot>> PostgresSnapshot::take(Pool::Lease lease) {
  auto snapshot = open(std::move(lease), false);
  MSG_CHECK(snapshot->horizon());
  return snapshot;
}

std::unique_ptr<PostgresSnapshot> PostgresSnapshot::open(Pool::Lease lease, bool tells_lives) {
  return std::unique_ptr<PostgresSnapshot>(new PostgresSnapshot(std::move(lease), tells_lives));
}

PostgresSnapshot::~PostgresSnapshot() {
  // Nobody waits for the end of a read; the next one takes it in.
  if (!begun_ || lease_->is_broken()) return;
  lease_->send(Sql::rollback);
  lease_->send_off();
}

Result<Horizon> PostgresSnapshot::horizon() {
  if (!horizon_) {
    MSG_TRY(const Rows rows, query(Sql::horizon, {}));
    MSG_TRY(horizon_, read_horizon(rows));
    has_one_writer_ = rows.size() == 1;
  }
  return *horizon_;
}

Result<Version> PostgresSnapshot::seen_version(ConversationId conversation, const Horizon& seen) {
  MSG_CHECK(horizon());
  if (has_one_writer_) return *std::ranges::max_element(seen.up_to);
  return PostgresReads::seen_version(conversation, seen);
}

// The statements below pass by what a write has at hand, or locks: a write uses the defaults.

Result<std::optional<Participation>> PostgresSnapshot::find_participation(
    ConversationId conversation, UserId user) {
  MSG_TRY(const Rows rows,
          query(Sql::find_participation, Params(conversation, user, tells_lives_)));
  if (rows.empty()) return std::nullopt;
  Columns columns(rows, 0);
  MSG_TRY(auto found, read_participation(columns));
  found.life = static_cast<std::uint32_t>(columns.integer());
  return found;
}

Result<std::vector<std::optional<Message>>> PostgresSnapshot::find_messages(
    std::span<const MessageId> ids) {
  std::vector<std::optional<Message>> messages(ids.size());
  if (ids.empty()) return messages;
  Column conversations(Column::Type::int8);
  Column seqs(Column::Type::int8);
  for (const auto& [conversation, seq] : ids) {
    conversations.add(conversation);
    seqs.add(seq);
  }
  MSG_TRY(const Rows rows, query(Sql::find_messages, Params(conversations, seqs)));
  for (int row = 0; row < rows.size(); ++row) {
    Columns columns(rows, row);
    const auto place = static_cast<std::size_t>(columns.integer());
    MSG_TRY(messages.at(place - 1), read_message(columns));
  }
  return messages;
}

void PostgresSnapshot::expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                                       Order order) {
  expected_.emplace(ExpectedMessages{
      .conversation = conversation, .from = from, .to = to, .limit = limit, .order = order});
}

Result<std::vector<Message>> PostgresSnapshot::list_messages(ConversationId conversation, Seq from,
                                                             Seq to, int limit, Order order) {
  MSG_TRY(auto expected, take_expected(conversation, from, to, limit, order));
  if (expected) return *std::move(expected);
  return PostgresReads::list_messages(conversation, from, to, limit, order);
}

/// Seq is dense: what was expected has all of a range when it has as many as that has.
Result<std::optional<std::vector<Message>>> PostgresSnapshot::take_expected(
    ConversationId conversation, Seq from, Seq to, int limit, Order order) {
  const auto expected = std::exchange(expected_, std::nullopt);
  const bool fits = expected && expected->is_here && expected->conversation == conversation &&
                    expected->order == order && expected->limit == limit;
  if (!fits) return std::nullopt;
  MSG_TRY(auto messages, read_all(expected->rows, read_message));
  std::erase_if(messages, [&](const Message& m) { return m.id.seq < from || m.id.seq > to; });
  const auto wanted = std::min<std::int64_t>(limit, to_int(to) - to_int(from) + 1);
  if (std::cmp_less(messages.size(), wanted)) return std::nullopt;
  return messages;
}

Result<std::vector<LifeTags>> PostgresSnapshot::list_life_tags(std::span<const Horizon> horizons) {
  Column writers(Column::Type::int8);
  Column versions(Column::Type::int8);
  std::vector<LifeTags> tags(horizons.size());
  std::vector<std::uint32_t*> places;
  for (std::size_t i = 0; i < horizons.size(); ++i) {
    for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
      if (horizons[i].up_to.at(writer) == Version{}) continue;
      writers.add(static_cast<std::int64_t>(writer));
      versions.add(horizons[i].up_to.at(writer));
      places.push_back(&tags[i].at(writer));
    }
  }
  if (places.empty()) return tags;
  MSG_TRY(const Rows rows, query(Sql::list_life_tags, Params(writers, versions)));
  for (int row = 0; row < rows.size(); ++row) {
    const auto place = static_cast<std::size_t>(rows.integer(row, 0));
    *places.at(place - 1) = static_cast<std::uint32_t>(rows.integer(row, 1));
  }
  return tags;
}

Result<std::string> PostgresSnapshot::import_state() {
  MSG_TRY(const Rows rows, query(Sql::import_state, {}));
  return rows.empty() ? std::string() : std::string(rows.bytes(0, 0));
}

Result<Rows> PostgresSnapshot::query(Sql statement, const Params& params) {
  if (!begun_) return begin(statement, params);
  MSG_TRY(auto rows, trip(statement, params));
  return std::move(rows.back());
}

/// What is queued, the statement, and what is expected behind it, which is put aside.
Result<std::vector<Rows>> PostgresSnapshot::trip(Sql statement, const Params& params) {
  lease_->send(statement, params);
  const bool brings_more = expected_ && !expected_->is_here;
  if (brings_more) {
    lease_->send(list_messages_in(expected_->order),
                 Params(expected_->conversation, expected_->from, expected_->to,
                        limit_of(expected_->limit)));
  }
  MSG_TRY(auto rows, lease_->trip());
  if (brings_more) {
    expected_->rows = std::move(rows.back());
    expected_->is_here = true;
    rows.pop_back();
  }
  return rows;
}

Result<Rows> PostgresSnapshot::begin(Sql statement, const Params& params) {
  auto rows = first_trip(statement, params);
  if (!rows && lease_->is_broken()) {
    MSG_CHECK(lease_.renew());
    rows = first_trip(statement, params);
  }
  return rows;
}

/// BEGIN alone reads nothing: the view is that of the statement behind it.
Result<Rows> PostgresSnapshot::first_trip(Sql statement, const Params& params) {
  begun_ = true;
  lease_->send(Sql::begin_read);
  lease_->send(Sql::is_standby);
  MSG_TRY(auto rows, trip(statement, params));
  if (Columns(rows[1], 0).flag()) {
    lease_->give_up();
    return unavailable("PostgreSQL is a standby now");
  }
  return std::move(rows.back());
}

}  // namespace msg::postgres
