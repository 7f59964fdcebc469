// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "store/postgres/pool.h"
#include "store/store.h"

namespace msg::postgres {

/// To PostgreSQL a negative LIMIT is an error.
inline int limit_of(int limit) {
  return std::max(limit, 0);
}

inline Sql list_messages_in(Order order) {
  return order == Order::oldest_first ? Sql::list_messages_oldest_first
                                      : Sql::list_messages_newest_first;
}

/// All reads. Base is Snapshot or WriteTransaction: a write reads by the same statements.
template <class Base>
class PostgresReads : public Base {
 public:
  Result<Version> last_version() override;
  Result<Horizon> horizon() override;
  Result<std::vector<Standing>> list_standings(UserId user, ConversationId after,
                                               int limit) override;
  Result<Version> seen_version(ConversationId conversation, const Horizon& seen) override;
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
  /// One statement, one round trip.
  virtual Result<Rows> query(Sql statement, const Params& params) = 0;
};

extern template class PostgresReads<Snapshot>;
extern template class PostgresReads<WriteTransaction>;

/// A page of messages that is asked for together with the question before it.
struct ExpectedMessages {
  ConversationId conversation{};
  Seq from{};
  Seq to{};
  int limit{};
  Order order{};
  Rows rows{};  ///< Once it is here.
  bool is_here{false};
};

/// A read on a borrowed connection. Opening it waits for nothing: it begins on the server in one
/// trip with the first question. Nor does its end. When the connection breaks
/// over the first question, mostly because it died while it was idle, another one is asked, once;
/// so when its server has become a standby.
class PostgresSnapshot final : public PostgresReads<Snapshot> {
 public:
  struct View {
    bool tells_lives{false};  ///< Of a participation, too.
    bool is_spread{false};    ///< See spread.h.
  };
  /// The view is that of the first question.
  static std::unique_ptr<PostgresSnapshot> open(Pool::Lease lease, View view);
  /// Asks one at once: what is committed after this returns is not in the view.
  static Result<std::unique_ptr<PostgresSnapshot>> take(Pool::Lease lease, View view);
  ~PostgresSnapshot() override;

  Result<Horizon> horizon() override;
  Result<Version> seen_version(ConversationId conversation, const Horizon& seen) override;
  Result<std::optional<Participation>> find_participation(ConversationId conversation,
                                                          UserId user) override;
  Result<std::vector<std::optional<Participation>>> find_participations(
      std::span<const ConversationId> ids, UserId user) override;
  Result<std::vector<ListPlace>> list_places(UserId user, ConversationId after, int limit) override;
  Result<std::optional<ListNews>> list_news(const Horizon& since) override;
  Result<std::vector<std::optional<Message>>> find_messages(
      std::span<const MessageId> ids) override;
  Result<std::vector<Message>> list_messages(ConversationId conversation, Seq from, Seq to,
                                             int limit, Order order) override;
  void expect_messages(ConversationId conversation, Seq from, Seq to, int limit,
                       Order order) override;
  Result<std::vector<LifeTags>> list_life_tags(std::span<const Horizon> horizons) override;
  /// See Store::import_state().
  Result<std::string> import_state();

 private:
  PostgresSnapshot(Pool::Lease lease, View view) : lease_(std::move(lease)), view_(view) {}
  Result<Rows> query(Sql statement, const Params& params) override;
  Result<std::vector<Rows>> trip(Sql statement, const Params& params);
  Result<std::optional<std::vector<Message>>> take_expected(ConversationId conversation, Seq from,
                                                            Seq to, int limit, Order order);
  /// Of a spread store, before the first question to other machines: see spread.h.
  bool must_await(Sql statement) const;
  Result<Rows> begin(Sql statement, const Params& params);
  Result<Rows> first_trip(Sql statement, const Params& params);

  Pool::Lease lease_;
  const View view_;
  bool begun_{false};
  bool has_awaited_{false};
  std::optional<ExpectedMessages> expected_;
  std::optional<Horizon> horizon_;
  bool has_one_writer_{true};
};

}  // namespace msg::postgres
