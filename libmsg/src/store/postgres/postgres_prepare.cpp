// SPDX-License-Identifier: Apache-2.0
// What a write loads ahead, in one trip for all that one commit is about.
#include <algorithm>

#include "store/postgres/postgres_rows.h"
#include "store/postgres/postgres_write.h"

namespace msg::postgres {

struct PostgresTransaction::Asked {
  std::set<ConversationId> conversations;
  Column member_conversations{Column::Type::int8};
  Column member_users{Column::Type::int8};
  Column key_conversations{Column::Type::int8};
  Column key_senders{Column::Type::int8};
  Column keys{Column::Type::text};
  std::set<MessageId> messages;
  Column users{Column::Type::int8};
};

/// Notes what was asked for as absent; what is found takes its place.
PostgresTransaction::Asked PostgresTransaction::note(std::span<const Touch* const> touches) {
  Asked asked;
  for (const Touch* touch : touches) {
    const auto& [conversation, user, client_id, others, message, asks_user, side] = *touch;
    if (side) side_locks_.insert(*side);
    if (asks_user && users_.try_emplace(user).second) asked.users.add(user);
    if (conversation == ConversationId{}) continue;
    asked.conversations.insert(conversation);
    const auto add_member = [&, id = conversation](UserId member) {
      if (!members_.try_emplace({id, member}).second) return;
      asked.member_conversations.add(id);
      asked.member_users.add(member);
    };
    add_member(user);
    std::ranges::for_each(others, add_member);
    if (message) asked.messages.insert({conversation, *message});
    if (client_id.empty()) continue;
    if (idempotency_.try_emplace({conversation, user, client_id}).second) {
      asked.key_conversations.add(conversation);
      asked.key_senders.add(user);
      asked.keys.add(client_id);
    }
  }
  return asked;
}

Result<Version> PostgresTransaction::prepare(std::span<const Touch* const> touches) {
  const Asked asked = note(touches);
  begin();
  for (const auto& [kind, owner] : side_locks_) {
    connection_.send(Sql::lock_side_records, Params(to_int(kind), owner));
  }
  const bool locks_spread = is_spread_ && !asked.conversations.empty();
  if (!asked.conversations.empty()) {
    Column ids(Column::Type::int8);
    for (const ConversationId id : asked.conversations) ids.add(id);
    if (locks_spread) connection_.send(Sql::lock_spread_conversations, Params(ids));
    connection_.send(Sql::lock_conversations, Params(ids));
    connection_.send(Sql::load_members, Params(asked.member_conversations, asked.member_users));
  }
  if (!asked.messages.empty()) {
    Column conversations(Column::Type::int8);
    Column seqs(Column::Type::int8);
    for (const auto& [conversation, seq] : asked.messages) {
      conversations.add(conversation);
      seqs.add(seq);
    }
    connection_.send(Sql::find_messages, Params(conversations, seqs));
  }
  if (asked.keys.size() > 0) {
    connection_.send(Sql::load_idempotency,
                     Params(asked.key_conversations, asked.key_senders, asked.keys));
  }
  if (asked.users.size() > 0) connection_.send(Sql::load_users, Params(asked.users));
  MSG_TRY(auto rows, trip());
  MSG_TRY(const Version newest, take_writer(rows));
  const std::size_t first =
      (lease_ != nullptr ? 3 : 2) + side_locks_.size() + (locks_spread ? 1 : 0);
  if (asked.users.size() > 0) {
    MSG_CHECK(take_users(rows.back()));
    rows.pop_back();
  }
  if (!asked.conversations.empty()) {
    MSG_CHECK(take_conversations(rows[first], asked.conversations));
    MSG_CHECK(take_members(rows[first + 1]));
  }
  if (!asked.messages.empty()) MSG_CHECK(take_messages(rows[first + 2]));
  if (asked.keys.size() > 0) MSG_CHECK(take_idempotency(rows.back()));
  MSG_CHECK(load_leaving_senders(touches));
  return newest;
}

/// Whoever takes our node number locks the writer, too: while this transaction lives nobody can.
Result<Version> PostgresTransaction::take_writer(std::span<const Rows> begun) {
  const bool is_ours = lease_ == nullptr || !begun[2].empty();
  if (is_ours && !begun[1].empty()) return newest_ = Version{begun[1].integer(0, 0)};
  failed_ = true;
  if (!is_ours) {
    lease_->doubt();
    return unavailable(kLeaseIsOver);
  }
  return fail(Code::corrupt, "the store has lost its writer row");
}

Result<void> PostgresTransaction::take_conversations(const Rows& rows,
                                                     const std::set<ConversationId>& asked) {
  for (const ConversationId id : asked) conversations_[id].reset();
  MSG_TRY(auto found, read_all(rows, read_conversation));
  for (auto& row : found) conversations_[row.id] = std::move(row);
  return {};
}

Result<void> PostgresTransaction::take_users(const Rows& rows) {
  MSG_TRY(auto found, read_all(rows, read_user));
  for (auto& user : found) users_[user.id] = std::move(user);
  return {};
}

Result<void> PostgresTransaction::take_members(const Rows& rows) {
  MSG_TRY(auto found, read_all(rows, read_member));
  for (auto& row : found) members_[{row.conversation, row.user}] = std::move(row);
  return {};
}

/// Rows of (place, message).
Result<void> PostgresTransaction::take_messages(const Rows& rows) {
  for (int i = 0; i < rows.size(); ++i) {
    Columns columns(rows, i, 1);
    MSG_TRY(Message message, read_message(columns));
    messages_.insert_or_assign(message.id, std::move(message));
  }
  return {};
}

/// Rows of (hash, seq, sender, message): a repeated send is answered from here.
Result<void> PostgresTransaction::take_idempotency(const Rows& rows) {
  for (int i = 0; i < rows.size(); ++i) {
    Columns columns(rows, i);
    MSG_TRY(const IdempotencyRow row, read_idempotency(columns));
    const auto sender = columns.id<UserId>();
    MSG_TRY(Message message, read_message(columns));
    idempotency_[{message.id.conversation, sender, message.client_id}] = row;
    messages_.insert_or_assign(message.id, std::move(message));
  }
  return {};
}

/// A sender that is not among the latest of a full head makes one of these leave it, whose member
/// record is read then: in a busy group this would be a round trip per message.
Result<void> PostgresTransaction::load_leaving_senders(std::span<const Touch* const> touches) {
  std::set<ConversationId> full;
  for (const Touch* touch : touches) {
    const auto& row = conversations_[touch->conversation];
    if (!row || row->senders.size() < kSendersInHead) continue;
    const auto known = std::ranges::find(row->senders, touch->user, &SenderCount::user);
    if (known == row->senders.end()) full.insert(touch->conversation);
  }
  if (full.empty()) return {};
  for (const ConversationId id : full) {
    Column users(Column::Type::int8);
    for (const auto& sender : conversations_[id]->senders) users.add(sender.user);
    connection_.send(Sql::load_senders, Params(id, users));
  }
  MSG_TRY(const auto rows, trip());
  for (const auto& found : rows) MSG_CHECK(take_members(found));
  return {};
}

}  // namespace msg::postgres
