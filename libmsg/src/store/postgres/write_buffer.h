// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "store/postgres/connection.h"
#include "store/store.h"

namespace msg::postgres {

/// Rows to be written, gathered until they leave together: one statement per table, with a column
/// per array. A row that is put twice leaves once. Statements about one row each (users, logins)
/// keep their order.
class WriteBuffer {
 public:
  void put(const ConversationRow& row, bool is_new);
  void put(const MemberRow& row) { members_[{row.conversation, row.user}] = row; }
  void put(const MembershipRow& row) { memberships_[{row.user, row.conversation}] = row; }
  // New ones.
  void put(const User& user);
  void put(const Session& session, const TokenHash& token);
  void put(const ApiKey& key, const TokenHash& secret);
  /// With its time mark when due. It may be one that was changed.
  void append(const Message& message);
  void append(ConversationId conversation, UserId sender, std::string_view client_id,
              const IdempotencyRow& row);
  // Of messages that are there, or were appended before.
  void put(const Message& message, const Message& previous);
  void put(ConversationId conversation, const MessageChange& change);
  void put(const RevisionsRow& row);
  void put(const AnnotationRow& row);
  void put(const SideRecord& record);
  void forget_request(const Message& message);
  void add(Sql statement, Params params) { single_.emplace_back(statement, std::move(params)); }

  bool empty() const;
  /// Queues all of it on the connection, stamped as `writer`'s, and is empty then.
  void send(Connection& connection, std::int64_t writer);

 private:
  struct Messages {
    Column conversation{Column::Type::int8};
    Column seq{Column::Type::int8};
    Column version{Column::Type::int8};
    Column sender{Column::Type::int8};
    Column kind{Column::Type::text};
    Column reply_to{Column::Type::int8};
    Column timestamp{Column::Type::int8};
    Column edited_at{Column::Type::int8};
    Column deleted{Column::Type::boolean};
    Column client_id{Column::Type::text};
    Column content{Column::Type::text};
  };
  struct Idempotency {
    Column conversation{Column::Type::int8};
    Column sender{Column::Type::int8};
    Column client_id{Column::Type::text};
    Column request_hash{Column::Type::bytea};
    Column seq{Column::Type::int8};
  };
  struct TimeMarks {
    Column conversation{Column::Type::int8};
    Column version{Column::Type::int8};
    Column seq{Column::Type::int8};
  };
  using Conversations = std::map<ConversationId, ConversationRow>;

  static void send_conversations(Connection& connection, Sql statement, const Conversations& rows,
                                 std::int64_t writer);
  void send_members(Connection& connection, std::int64_t writer) const;
  void send_memberships(Connection& connection, std::int64_t writer) const;
  void send_messages(Connection& connection, std::int64_t writer) const;
  void send_idempotency(Connection& connection) const;
  void send_rewrites(Connection& connection, std::int64_t writer);

  void rewrite(const Message& message);

  std::vector<std::pair<Sql, Params>> single_;
  Conversations new_conversations_;
  Conversations conversations_;
  std::map<std::pair<ConversationId, UserId>, MemberRow> members_;
  std::map<std::pair<UserId, ConversationId>, MembershipRow> memberships_;
  Messages messages_;
  Idempotency idempotency_;
  TimeMarks time_marks_;
  std::vector<std::pair<Sql, Params>> rewrites_;  ///< Behind what is appended, in order.
};

}  // namespace msg::postgres
