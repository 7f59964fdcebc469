// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/sqlite/connection.h"
#include "store/sqlite/reader_pool.h"
#include "store/store.h"

namespace msg::sqlite {

/// All reads, over a connection with an open transaction. Base is Snapshot or WriteTransaction: a
/// write reads by the same statements, and sees itself.
template <class Base>
class SqliteReads : public Base {
 public:
  using Origin = std::shared_ptr<const Horizon>;
  SqliteReads(Connection& connection, Origin origin)
      : connection_(connection), origin_(std::move(origin)) {}

  Result<Version> last_version() override;
  const Horizon* origin() const override { return origin_.get(); }
  Result<std::vector<WriterRun>> list_writer_runs(ConversationId conversation, Version up_to,
                                                  int limit) override;
  Result<std::vector<Record>> scan(Table table, const RecordKey& after,
                                   const ScanLimit& limit) override;
  Result<std::vector<ListPlace>> list_places(UserId user, ConversationId after, int limit) override;
  Result<std::vector<Standing>> list_standings(UserId user, ConversationId after,
                                               int limit) override;
  Result<std::optional<User>> find_user(UserId user) override;
  Result<std::optional<UserId>> find_phone(std::string_view phone) override;
  Result<std::optional<UserId>> find_username(std::string_view name) override;
  Result<std::vector<User>> list_users(UserId after, int limit) override;
  Result<std::optional<ConversationRow>> find_conversation(ConversationId id) override;
  Result<std::optional<ConversationId>> find_direct(UserId low, UserId high) override;
  Result<std::optional<MemberRow>> find_member(ConversationId conversation, UserId user) override;
  Result<std::vector<MemberRow>> list_members(ConversationId conversation, UserId after,
                                              int limit) override;
  Result<std::vector<MemberRow>> list_members_changed(ConversationId conversation, Version after,
                                                      int limit) override;
  Result<std::vector<MembershipRow>> list_memberships(UserId user, ConversationId after,
                                                      int limit) override;
  Result<std::optional<Message>> find_message(const MessageId& id) override;
  Result<std::vector<Message>> list_messages(ConversationId conversation, Seq from, Seq to,
                                             int limit, Order order) override;
  Result<std::optional<Seq>> find_seq_after(ConversationId conversation, Version version) override;
  Result<std::optional<IdempotencyRow>> find_idempotency(ConversationId conversation, UserId sender,
                                                         std::string_view client_id) override;
  Result<std::vector<MessageChange>> list_message_changes(ConversationId conversation,
                                                          Version after, int limit) override;
  Result<std::optional<RevisionsRow>> find_revisions(const MessageId& id) override;
  Result<std::vector<std::optional<AnnotationRow>>> find_annotations(std::span<const MessageId> ids,
                                                                     UserId user) override;
  Result<std::vector<AnnotationRow>> list_annotations(const MessageId& id, UserId after,
                                                      int limit) override;
  Result<std::optional<Life>> find_life(std::size_t writer, Version version) override;
  Result<std::vector<Life>> list_lives() override;
  Result<std::optional<Session>> find_session(const TokenHash& token) override;
  Result<std::vector<Session>> list_sessions(UserId user) override;
  Result<std::optional<ApiKey>> find_api_key(const TokenHash& secret) override;
  Result<std::vector<ApiKey>> list_api_keys() override;
  Result<std::optional<SideRecord>> find_side_record(SideKind kind, std::int64_t owner,
                                                     std::string_view key) override;
  Result<std::vector<SideRecord>> list_side_records(SideKind kind, std::int64_t owner,
                                                    std::string_view after, int limit) override;

 protected:
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
  Origin origin_;
};

extern template class SqliteReads<Snapshot>;
extern template class SqliteReads<WriteTransaction>;

/// A read on a borrowed connection.
class SqliteSnapshot final : public SqliteReads<Snapshot> {
 public:
  /// Fixes the view: what is committed after this returns is not in it.
  static Result<std::unique_ptr<SqliteSnapshot>> take(ReaderPool::Lease lease, Origin origin);

  Result<Version> last_version() override { return last_version_; }

 private:
  SqliteSnapshot(ReaderPool::Lease lease, Origin origin)
      : SqliteReads<Snapshot>(*lease, std::move(origin)), lease_(std::move(lease)) {}

  ReaderPool::Lease lease_;
  Version last_version_{};
};

}  // namespace msg::sqlite
