// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "store/kv/kv_engine.h"
#include "store/kv/kv_snapshot.h"
#include "store/store.h"

namespace msg::kv {

/// The one open write of a KvStore: contracts are those of WriteTransaction.
///
/// A send costs two puts (message, head) and two more where they are due (idempotency entry, time
/// mark); the newest stamp is one put for each commit.
///
/// Lifetime: the engine must outlive it.
class KvWrite final : public KvReads<WriteTransaction> {
 public:
  KvWrite(std::unique_ptr<KvBatch> batch, Origin origin)
      : KvReads(*batch, std::move(origin)), batch_(std::move(batch)) {}

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

  // The two halves of append_message().
  Result<void> append_row(const Message& message);
  Result<void> append_idempotency(ConversationId conversation, UserId sender,
                                  std::string_view client_id, const IdempotencyRow& row);
  /// Part of put_message(): an entry of the change index.
  Result<void> put_message_change(ConversationId conversation, const MessageChange& change);

 private:
  /// The hash that the entry of `key` leads to.
  Result<std::optional<TokenHash>> find_hash(const std::string& key);
  Result<void> erase_phone(const User& previous);
  Result<void> put_username(const User& user, const User* previous);

  std::unique_ptr<KvBatch> batch_;
};

}  // namespace msg::kv
