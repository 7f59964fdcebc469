// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "store/kv/kv_engine.h"
#include "store/store.h"

namespace msg::kv {

/// The reads of store.h over a KvView: the same for a snapshot and for an open write, so `Base`
/// is Snapshot or WriteTransaction. Contracts and costs are those of Snapshot; what is found but
/// cannot be decoded is Code::corrupt.
template <class Base>
class KvReads : public Base {
 public:
  Result<Version> last_version() override;
  const Horizon* origin() const override { return origin_.get(); }
  Result<std::vector<WriterRun>> list_writer_runs(ConversationId conversation, Version up_to,
                                                  int limit) override;
  Result<std::vector<Record>> scan(Table table, const RecordKey& after,
                                   const ScanLimit& limit) override;

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
  using Origin = std::shared_ptr<const Horizon>;
  /// The view must outlive this.
  KvReads(KvView& view, Origin origin) : view_(view), origin_(std::move(origin)) {}

 private:
  /// The entry of `key` as `decode(value)` sees it.
  template <class T, class Decode>
  Result<std::optional<T>> find(const std::string& key, const Decode& decode);
  /// At most `limit` entries of the range as `decode(key, value)` sees them.
  template <class T, class Decode>
  Result<std::vector<T>> list(const KvRange& range, KvDirection direction, int limit,
                              const Decode& decode);
  template <class Id>
  Result<std::optional<Id>> find_id(const std::string& key);

  KvView& view_;
  Origin origin_;
  std::string value_;  // of the last get: its memory serves the next one
};

/// Lifetime: the engine must outlive it.
class KvSnapshot final : public KvReads<Snapshot> {
 public:
  KvSnapshot(std::unique_ptr<KvView> view, Origin origin)
      : KvReads(*view, std::move(origin)), owned_(std::move(view)) {}

 private:
  std::unique_ptr<KvView> owned_;
};

}  // namespace msg::kv
