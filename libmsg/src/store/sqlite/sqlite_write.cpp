// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_write.h"

#include <algorithm>

#include "core/extras_codec.h"
#include "core/row_codec.h"
#include "store/sqlite/sqlite_rows.h"

namespace msg::sqlite {

Result<std::unique_ptr<SqliteTransaction>> SqliteTransaction::begin(Connection& writer,
                                                                    WalCheckpoint& checkpoint,
                                                                    Origin origin) {
  MSG_CHECK(writer.begin(Sql::begin_write));
  return std::unique_ptr<SqliteTransaction>(
      new SqliteTransaction(writer, checkpoint, std::move(origin)));
}

SqliteTransaction::~SqliteTransaction() {
  connection().rollback();
  checkpoint_.run_if_due();
}

template <class... Values>
Result<void> SqliteTransaction::run(Sql sql, const Values&... values) {
  MSG_TRY(Query query, connection().use(sql));
  return query.bind(values...).run();
}

Result<void> SqliteTransaction::put_user(const User& user, const User* previous) {
  // The old ways are erased by name and owner: a phone that has changed hands within this
  // transaction already belongs to somebody else.
  const bool same_phone = previous != nullptr && previous->phone == user.phone;
  const bool same_name = previous != nullptr && previous->username == user.username;
  if (previous != nullptr && !same_phone) {
    MSG_CHECK(run(Sql::erase_phone, previous->phone, user.id));
  }
  if (previous != nullptr && !same_name && previous->username) {
    MSG_CHECK(run(Sql::erase_username, *previous->username, user.id));
  }
  if (!same_phone && !user.phone.empty()) {
    MSG_CHECK(run(Sql::put_phone, user.phone, user.id));
  }
  if (!same_name && user.username) MSG_CHECK(run(Sql::put_username, *user.username, user.id));
  MSG_TRY(Query query, connection().use(Sql::put_user));
  return write_user(query, user);
}

Result<void> SqliteTransaction::put_conversation(const ConversationRow& row, bool is_new) {
  if (is_new && row.kind == ConversationKind::direct) {
    MSG_CHECK(run(Sql::put_direct, row.direct_low, row.direct_high, row.id));
  }
  MSG_TRY(Query query, connection().use(Sql::put_conversation));
  return write_conversation(query, row);
}

// `previous` is for stores that keep their index entries by hand.
Result<void> SqliteTransaction::put_member(const MemberRow& row, const MemberRow* /*previous*/) {
  MSG_TRY(Query query, connection().use(Sql::put_member));
  return write_member(query, row);
}

Result<void> SqliteTransaction::put_membership(const MembershipRow& row) {
  return run(Sql::put_membership, row.user, row.conversation, row.active, row.version,
             row.with_history);
}

Result<std::optional<IdempotencyRow>> SqliteTransaction::append_message(
    const Message& message, const IdempotencyRow& idempotency) {
  const ConversationId conversation = message.id.conversation;
  if (!message.client_id.empty()) {
    MSG_CHECK(run(Sql::claim_idempotency, conversation, message.sender, message.client_id,
                  Blob(idempotency.request_hash), idempotency.seq));
    if (connection().changes() == 0) {
      MSG_TRY(auto taken, find_idempotency(conversation, message.sender, message.client_id));
      if (!taken) return fail(Code::corrupt, "An idempotency entry is there and not found.");
      return taken;
    }
  }
  MSG_CHECK(append_row(message));
  return std::nullopt;
}

Result<void> SqliteTransaction::append_row(const Message& message) {
  const auto [conversation, seq] = message.id;
  {
    MSG_TRY(Query query, connection().use(Sql::append_message));
    MSG_CHECK(write_message(query, message));
  }
  if (message.changed || has_extras(message)) MSG_CHECK(rewrite_row(message));
  if (to_int(seq) % kTimeMarkInterval != 0) return {};
  return run(Sql::put_time_mark, conversation, message.version, seq);
}

Result<void> SqliteTransaction::append_idempotency(ConversationId conversation, UserId sender,
                                                   std::string_view client_id,
                                                   const IdempotencyRow& row) {
  return run(Sql::append_idempotency, conversation, sender, client_id, Blob(row.request_hash),
             row.seq);
}

Result<void> SqliteTransaction::put_message(const Message& message, const Message& previous) {
  const auto [conversation, seq] = message.id;
  if (previous.changed) {
    MSG_CHECK(run(Sql::erase_message_change, conversation, *previous.changed));
  }
  MSG_CHECK(put_message_change(conversation, {.version = message.changed.value(), .seq = seq}));
  return rewrite_row(message);
}

Result<void> SqliteTransaction::rewrite_row(const Message& message) {
  MSG_TRY(Query query, connection().use(Sql::put_message));
  return rewrite_message(query, message);
}

Result<void> SqliteTransaction::put_message_change(ConversationId conversation,
                                                   const MessageChange& change) {
  return run(Sql::put_message_change, conversation, change.version, change.seq);
}

Result<void> SqliteTransaction::put_revisions(const RevisionsRow& row) {
  const std::string revisions = encode_revisions(row);
  return run(Sql::put_revisions, row.message.conversation, row.message.seq, Blob(revisions));
}

Result<void> SqliteTransaction::put_annotation(const AnnotationRow& row) {
  const auto& [conversation, seq] = row.message;
  if (row.empty()) return run(Sql::erase_annotation, conversation, seq, row.user);
  const std::string annotation = encode_annotation(row);
  return run(Sql::put_annotation, conversation, seq, row.user, Blob(annotation));
}

Result<void> SqliteTransaction::forget_request(const Message& message) {
  if (message.client_id.empty()) return {};
  return run(Sql::forget_request, message.id.conversation, message.sender, message.client_id,
             Blob(kForgottenRequest));
}

Result<void> SqliteTransaction::put_session(const Session& session, const TokenHash& token) {
  // The session may have had another token.
  MSG_CHECK(run(Sql::erase_session_token, session.user, session.id));
  MSG_CHECK(run(Sql::put_session_token, Blob(token), session.user, session.id));
  return run(Sql::put_session, session.user, session.id, Blob(token), session.device_name,
             session.created_at, session.last_seen_at);
}

Result<void> SqliteTransaction::put_last_seen(const Session& session) {
  return run(Sql::put_last_seen, session.user, session.id, session.last_seen_at);
}

Result<void> SqliteTransaction::put_device_name(const Session& session) {
  return run(Sql::put_device_name, session.user, session.id, session.device_name);
}

Result<void> SqliteTransaction::put_life(const Life& life) {
  return run(Sql::put_life, static_cast<std::int64_t>(life.writer), life.from,
             static_cast<std::int64_t>(life.tag));
}

Result<void> SqliteTransaction::erase_session(const Session& session) {
  MSG_CHECK(run(Sql::erase_session_token, session.user, session.id));
  return run(Sql::erase_session, session.user, session.id);
}

Result<void> SqliteTransaction::put_api_key(const ApiKey& key, const TokenHash& secret) {
  return run(Sql::put_api_key, key.id, Blob(secret), key.name, key.created_at, key.scopes.bits());
}

Result<void> SqliteTransaction::erase_api_key(ApiKeyId key) {
  return run(Sql::erase_api_key, key);
}

Result<void> SqliteTransaction::put_side_record(const SideRecord& record) {
  return run(Sql::put_side_record, to_int(record.kind), record.owner, Blob(record.key),
             record.expires_at, Blob(record.value));
}

Result<void> SqliteTransaction::erase_side_record(SideKind kind, std::int64_t owner,
                                                  std::string_view key) {
  const std::string bytes(key);
  return run(Sql::erase_side_record, to_int(kind), owner, Blob(bytes));
}

Result<int> SqliteTransaction::erase_expired(Time now, int limit) {
  MSG_CHECK(run(Sql::erase_expired, now, std::max(limit, 0)));
  return static_cast<int>(connection().changes());
}

Result<void> SqliteTransaction::commit(Version last) {
  MSG_CHECK(run(Sql::put_last_version, last));
  return connection().commit();
}

}  // namespace msg::sqlite
