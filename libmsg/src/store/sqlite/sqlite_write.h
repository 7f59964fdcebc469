// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/sqlite/sqlite_snapshot.h"
#include "store/sqlite/wal_checkpoint.h"

namespace msg::sqlite {

/// The one open write, on the writer connection. A checkpoint that is due runs when it ends, so a
/// caller that answers before it lets go of the transaction does not make anybody wait for it.
class SqliteTransaction final : public SqliteReads<WriteTransaction> {
 public:
  static Result<std::unique_ptr<SqliteTransaction>> begin(Connection& writer,
                                                          WalCheckpoint& checkpoint,
                                                          Origin origin = nullptr);
  ~SqliteTransaction() override;

  Result<void> put_user(const User& user, const User* previous) override;
  Result<void> put_conversation(const ConversationRow& row, bool is_new) override;
  Result<void> put_member(const MemberRow& row, const MemberRow* previous) override;
  Result<void> put_membership(const MembershipRow& row) override;
  Result<std::optional<IdempotencyRow>> append_message(const Message& message,
                                                       const IdempotencyRow& idempotency) override;
  Result<void> put_message(const Message& message, const Message& previous) override;
  Result<void> put_revisions(const RevisionsRow& row) override;
  Result<void> put_annotation(const AnnotationRow& row) override;
  Result<void> forget_request(const Message& message) override;
  Result<void> put_session(const Session& session, const TokenHash& token) override;
  Result<void> put_last_seen(const Session& session) override;
  Result<void> put_device_name(const Session& session) override;
  Result<void> put_life(const Life& life) override;
  Result<void> erase_session(const Session& session) override;
  Result<void> put_api_key(const ApiKey& key, const TokenHash& secret) override;
  Result<void> erase_api_key(ApiKeyId key) override;
  Result<void> put_side_record(const SideRecord& record) override;
  Result<void> erase_side_record(SideKind kind, std::int64_t owner, std::string_view key) override;
  Result<int> erase_expired(Time now, int limit) override;
  Result<void> commit(Version last) override;

  // The two halves of append_message(). A row may be one that was changed.
  Result<void> append_row(const Message& message);
  Result<void> append_idempotency(ConversationId conversation, UserId sender,
                                  std::string_view client_id, const IdempotencyRow& row);
  /// Part of put_message(): an entry of the change index.
  Result<void> put_message_change(ConversationId conversation, const MessageChange& change);

 private:
  SqliteTransaction(Connection& writer, WalCheckpoint& checkpoint, Origin origin)
      : SqliteReads<WriteTransaction>(writer, std::move(origin)), checkpoint_(checkpoint) {}

  Result<void> rewrite_row(const Message& message);

  /// Binds and runs one statement.
  template <class... Values>
  Result<void> run(Sql sql, const Values&... values);

  WalCheckpoint& checkpoint_;
};

}  // namespace msg::sqlite
