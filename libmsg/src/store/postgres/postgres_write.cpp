// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_write.h"

#include <algorithm>
#include <limits>

#include "store/postgres/postgres_rows.h"

namespace msg::postgres {
namespace {

/// It is committed, whatever cannot be read then.
constexpr Horizon kAnything = [] {
  Horizon horizon;
  horizon.up_to.fill(Version{std::numeric_limits<std::int64_t>::max()});
  return horizon;
}();

}  // namespace

PostgresTransaction::~PostgresTransaction() {
  if (begun_) connection_.rollback();
}

void PostgresTransaction::begin() {
  connection_.send(Sql::begin_write);
  connection_.send(Sql::lock_writer, Params(writer_));
  if (lease_ != nullptr) connection_.send(Sql::check_lease, Params(tag_.node, tag_.holder));
  begun_ = true;
}

/// Whatever fails before the commit was sent has certainly not happened. Behind that point only an
/// answer tells: when it stays away, the outcome is unknown.
Result<std::vector<Rows>> PostgresTransaction::trip(Last is_commit) {
  if (failed_) return unavailable("the transaction has failed");
  auto rows = connection_.trip();
  if (rows) return rows;
  failed_ = true;
  if (is_commit == Last::no && connection_.failure().sqlstate.empty()) {
    may_retry_ = connection_.is_broken() && rows.error().code == Code::unavailable;
  } else {
    may_retry_ = connection_.failure().is_passing();
  }
  return rows;
}

Result<Rows> PostgresTransaction::query(Sql statement, const Params& params) {
  if (!begun_) MSG_CHECK(prepare({}));
  buffer_.send(connection_, writer_);
  connection_.send(statement, params);
  MSG_TRY(auto rows, trip());
  return std::move(rows.back());
}

Result<void> PostgresTransaction::load_users(std::span<const UserId> users) {
  if (users.empty()) return {};
  Column ids(Column::Type::int8);
  for (const UserId id : users) ids.add(id);
  MSG_TRY(const Rows rows, query(Sql::load_users, Params(ids)));
  for (const UserId id : users) users_[id].reset();
  return take_users(rows);
}

Result<void> PostgresTransaction::lock_user(UserId user) {
  MSG_TRY(const Rows rows, query(Sql::lock_user, Params(user)));
  MSG_TRY(users_[user], read_first(rows, read_user));
  return {};
}

Result<std::optional<User>> PostgresTransaction::find_user(UserId user) {
  if (const auto known = users_.find(user); known != users_.end()) return known->second;
  return PostgresReads::find_user(user);
}

Result<std::optional<ConversationRow>> PostgresTransaction::find_conversation(ConversationId id) {
  if (const auto known = conversations_.find(id); known != conversations_.end()) {
    return known->second;
  }
  Column ids(Column::Type::int8);
  ids.add(id);
  if (is_spread_) MSG_CHECK(query(Sql::lock_spread_conversations, Params(ids)));
  MSG_TRY(const Rows rows, query(Sql::lock_conversations, Params(ids)));
  return read_first(rows, read_conversation);
}

Result<std::optional<MemberRow>> PostgresTransaction::find_member(ConversationId conversation,
                                                                  UserId user) {
  const auto known = members_.find({conversation, user});
  if (known != members_.end()) return known->second;
  return PostgresReads::find_member(conversation, user);
}

Result<std::optional<Message>> PostgresTransaction::find_message(const MessageId& id) {
  if (const auto known = messages_.find(id); known != messages_.end()) return known->second;
  return PostgresReads::find_message(id);
}

Result<std::optional<IdempotencyRow>> PostgresTransaction::find_idempotency(
    ConversationId conversation, UserId sender, std::string_view client_id) {
  const auto known = idempotency_.find({conversation, sender, std::string(client_id)});
  if (known != idempotency_.end()) return known->second;
  return PostgresReads::find_idempotency(conversation, sender, client_id);
}

Result<void> PostgresTransaction::put_user(const User& user, const User* previous) {
  users_[user.id] = user;
  if (previous == nullptr) {
    buffer_.put(user);
    return {};
  }
  const bool same_phone = previous->phone == user.phone;
  const bool same_name = previous->username == user.username;
  // By name and owner: a phone that has changed hands within this transaction already belongs to
  // somebody else.
  if (!same_phone) {
    buffer_.add(Sql::erase_phone, Params(previous->phone, user.id));
    if (!user.phone.empty()) buffer_.add(Sql::insert_phone, Params(user.phone, user.id));
  }
  if (!same_name && previous->username) {
    buffer_.add(Sql::erase_username, Params(*previous->username, user.id));
  }
  if (!same_name && user.username) {
    buffer_.add(Sql::insert_username, Params(*user.username, user.id));
  }
  buffer_.add(Sql::put_user,
              Params(user.id, user.phone, user.username, user.display_name, user.about, user.avatar,
                     user.created_at, user.updated_at, user.read_receipts,
                     to_string(user.presence_to), user.last_seen));
  return {};
}

Result<void> PostgresTransaction::put_conversation(const ConversationRow& row, bool is_new) {
  buffer_.put(row, is_new);
  auto& known = conversations_[row.id];
  if (!known || known->activity != row.activity) list_entry_.conversations.insert(row.id);
  known = row;
  return {};
}

// `previous` is for stores that keep their index entries by hand.
Result<void> PostgresTransaction::put_member(const MemberRow& row, const MemberRow* /*previous*/) {
  buffer_.put(row);
  members_[{row.conversation, row.user}] = row;
  return {};
}

Result<void> PostgresTransaction::put_membership(const MembershipRow& row) {
  buffer_.put(row);
  list_entry_.users.insert(row.user);
  return {};
}

Result<std::optional<IdempotencyRow>> PostgresTransaction::append_message(
    const Message& message, const IdempotencyRow& idempotency) {
  const auto& [conversation, seq] = message.id;
  if (!message.client_id.empty()) {
    MSG_TRY(auto taken, find_idempotency(conversation, message.sender, message.client_id));
    if (taken) return taken;
    buffer_.append(conversation, message.sender, message.client_id, idempotency);
    idempotency_[{conversation, message.sender, message.client_id}] = idempotency;
  }
  buffer_.append(message);
  shards_.insert(conversation);
  return std::nullopt;
}

Result<void> PostgresTransaction::put_message(const Message& message, const Message& previous) {
  buffer_.put(message, previous);
  shards_.insert(message.id.conversation);
  messages_.insert_or_assign(message.id, message);
  return {};
}

Result<void> PostgresTransaction::put_revisions(const RevisionsRow& row) {
  buffer_.put(row);
  shards_.insert(row.message.conversation);
  return {};
}

Result<void> PostgresTransaction::put_annotation(const AnnotationRow& row) {
  buffer_.put(row);
  shards_.insert(row.message.conversation);
  return {};
}

Result<void> PostgresTransaction::forget_request(const Message& message) {
  if (message.client_id.empty()) return {};
  buffer_.forget_request(message);
  shards_.insert(message.id.conversation);
  idempotency_[{message.id.conversation, message.sender, message.client_id}] = {
      .request_hash = kForgottenRequest, .seq = message.id.seq};
  return {};
}

Result<void> PostgresTransaction::put_session(const Session& session, const TokenHash& token) {
  buffer_.put(session, token);
  return {};
}

Result<void> PostgresTransaction::put_last_seen(const Session& session) {
  buffer_.add(Sql::put_last_seen, Params(session.user, session.id, session.last_seen_at));
  return {};
}

Result<void> PostgresTransaction::put_device_name(const Session& session) {
  buffer_.add(Sql::put_device_name, Params(session.user, session.id, session.device_name));
  return {};
}

Result<void> PostgresTransaction::put_life(const Life& life) {
  buffer_.add(Sql::put_life, Params(static_cast<std::int64_t>(life.writer), life.from,
                                    static_cast<std::int64_t>(life.tag)));
  return {};
}

Result<void> PostgresTransaction::erase_session(const Session& session) {
  buffer_.add(Sql::erase_session_token, Params(session.user, session.id));
  buffer_.add(Sql::erase_session, Params(session.user, session.id));
  return {};
}

Result<void> PostgresTransaction::put_api_key(const ApiKey& key, const TokenHash& secret) {
  buffer_.put(key, secret);
  return {};
}

Result<void> PostgresTransaction::erase_api_key(ApiKeyId key) {
  buffer_.add(Sql::erase_api_key, Params(key));
  return {};
}

Result<void> PostgresTransaction::commit(Version last) {
  if (!begun_) MSG_CHECK(prepare({}));
  if (is_spread_) touch_shards();
  buffer_.send(connection_, writer_);
  log_.send(connection_, writer_, list_entry_, newest_, last);
  if (is_spread_) connection_.send(Sql::announce_commit, Params(writer_));
  connection_.send(Sql::horizon);  // each statement sees what was committed before it began
  const auto ended = end();
  log_.sent(ended.has_value());
  if (!ended) return std::unexpected(ended.error());
  built_on_ = read_horizon((*ended)[ended->size() - 2]).value_or(kAnything);
  return {};
}

void PostgresTransaction::touch_shards() {
  if (shards_.empty()) return;
  Column ids(Column::Type::int8);
  for (const ConversationId id : shards_) ids.add(id);
  connection_.send(Sql::touch_shards, Params(ids));
}

/// The locks are a write of their own: the commit waits until they are on disk and, with a
/// synchronous standby, there too. So what a repeated send is told cannot be lost after all.
Result<void> PostgresTransaction::confirm() {
  if (failed_) return unavailable("the transaction has failed");
  if (begun_) MSG_CHECK(end());
  return {};
}

Result<std::vector<Rows>> PostgresTransaction::end() {
  connection_.send(Sql::commit);
  MSG_TRY(auto rows, trip(Last::yes));
  begun_ = false;
  return rows;
}

}  // namespace msg::postgres
