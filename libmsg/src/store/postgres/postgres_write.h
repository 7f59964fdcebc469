// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "store/postgres/list_log.h"
#include "store/postgres/node_lease.h"
#include "store/postgres/postgres_snapshot.h"
#include "store/postgres/write_buffer.h"

namespace msg::postgres {

/// The one open write of this process. prepare() is a round trip that locks and loads, commit() is
/// one that writes and commits; puts wait in between. A read of what was not loaded is a trip of
/// its own and takes the waiting puts along, so it sees them. See docs/adr/0009.
class PostgresTransaction final : public PostgresReads<WriteTransaction> {
 public:
  /// Asks the server for nothing yet. `connection` must outlive it, and be outside a transaction;
  /// so must the log and the lease, which is null where the node number is the operator's care.
  /// `is_spread`: see spread.h.
  PostgresTransaction(Connection& connection, std::size_t writer, ListLog& log, NodeLease* lease,
                      bool is_spread)
      : connection_(connection),
        writer_(static_cast<std::int64_t>(writer)),
        log_(log),
        lease_(lease),
        tag_(lease == nullptr ? NodeLease::Tag{} : lease->tag()),
        is_spread_(is_spread) {}
  ~PostgresTransaction() override;

  Result<Version> prepare(std::span<const Touch* const> touches) override;
  Result<void> load_users(std::span<const UserId> users) override;
  Result<void> lock_user(UserId user) override;
  Result<void> lock_side_records(const SideOwner& records) override;
  Result<void> confirm() override;
  bool may_retry() const override { return may_retry_; }

  Result<std::optional<User>> find_user(UserId user) override;
  /// Locks it.
  Result<std::optional<ConversationRow>> find_conversation(ConversationId id) override;
  Result<std::optional<MemberRow>> find_member(ConversationId conversation, UserId user) override;
  Result<std::optional<Message>> find_message(const MessageId& id) override;
  Result<std::optional<IdempotencyRow>> find_idempotency(ConversationId conversation, UserId sender,
                                                         std::string_view client_id) override;

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
  Horizon built_on() const override { return built_on_; }

 private:
  using MemberKey = std::pair<ConversationId, UserId>;
  using IdempotencyKey = std::tuple<ConversationId, UserId, std::string>;
  enum class Last { no, yes };
  struct Asked;

  Result<Rows> query(Sql statement, const Params& params) override;
  /// Begins on the server and takes the writer's lock, once.
  void begin();
  Result<std::vector<Rows>> trip(Last is_commit = Last::no);
  Asked note(std::span<const Touch* const> touches);
  Result<Version> take_writer(std::span<const Rows> begun);
  Result<void> take_conversations(const Rows& rows, const std::set<ConversationId>& asked);
  Result<void> take_users(const Rows& rows);
  Result<void> take_members(const Rows& rows);
  Result<void> take_messages(const Rows& rows);
  Result<void> take_idempotency(const Rows& rows);
  Result<void> load_leaving_senders(std::span<const Touch* const> touches);
  Result<std::vector<Rows>> end();
  void touch_shards();

  Connection& connection_;
  std::int64_t writer_;
  ListLog& log_;
  NodeLease* lease_;
  const NodeLease::Tag tag_;
  const bool is_spread_;
  ListEntry list_entry_;
  Version newest_{};  ///< Of this writer, before.
  Horizon built_on_{};
  bool begun_{false};
  bool failed_{false};
  bool may_retry_{false};
  std::set<SideOwner> side_locks_;
  WriteBuffer buffer_;
  std::set<ConversationId> shards_;  ///< Of what is written beside messages, or is one.

  // What was loaded ahead. An entry without a row is known to be absent.
  std::map<UserId, std::optional<User>> users_;
  std::map<ConversationId, std::optional<ConversationRow>> conversations_;
  std::map<MemberKey, std::optional<MemberRow>> members_;
  std::map<IdempotencyKey, std::optional<IdempotencyRow>> idempotency_;
  std::map<MessageId, Message> messages_;
};

}  // namespace msg::postgres
