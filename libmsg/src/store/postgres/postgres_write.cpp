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

Result<Version> PostgresTransaction::prepare(std::span<const Touch* const> touches) {
  std::set<ConversationId> conversations;
  Column ids(Column::Type::int8);
  Column member_conversations(Column::Type::int8);
  Column member_users(Column::Type::int8);
  Column key_conversations(Column::Type::int8);
  Column key_senders(Column::Type::int8);
  Column keys(Column::Type::text);
  std::set<MessageId> messages;
  Column users(Column::Type::int8);
  for (const Touch* touch : touches) {
    const auto& [conversation, user, client_id, others, message, asks_user, side] = *touch;
    if (side) side_locks_.insert(*side);
    if (asks_user && users_.try_emplace(user).second) users.add(user);
    if (conversation == ConversationId{}) continue;
    conversations.insert(conversation);
    const auto add_member = [&, id = conversation](UserId member) {
      if (!members_.try_emplace({id, member}).second) return;
      member_conversations.add(id);
      member_users.add(member);
    };
    add_member(user);
    std::ranges::for_each(others, add_member);
    if (message) messages.insert({conversation, *message});
    if (client_id.empty()) continue;
    if (idempotency_.try_emplace({conversation, user, client_id}).second) {
      key_conversations.add(conversation);
      key_senders.add(user);
      keys.add(client_id);
    }
  }
  Column message_conversations(Column::Type::int8);
  Column message_seqs(Column::Type::int8);
  for (const auto& [conversation, seq] : messages) {
    message_conversations.add(conversation);
    message_seqs.add(seq);
  }
  for (const ConversationId id : conversations) ids.add(id);

  begin();
  for (const auto& [kind, owner] : side_locks_) {
    connection_.send(Sql::lock_side_records, Params(to_int(kind), owner));
  }
  if (!conversations.empty()) {
    connection_.send(Sql::lock_conversations, Params(ids));
    connection_.send(Sql::load_members, Params(member_conversations, member_users));
  }
  if (!messages.empty()) {
    connection_.send(Sql::find_messages, Params(message_conversations, message_seqs));
  }
  if (keys.size() > 0) {
    connection_.send(Sql::load_idempotency, Params(key_conversations, key_senders, keys));
  }
  if (users.size() > 0) connection_.send(Sql::load_users, Params(users));
  MSG_TRY(auto rows, trip());
  MSG_TRY(const Version newest, take_writer(rows));
  const std::size_t first = (lease_ != nullptr ? 3 : 2) + side_locks_.size();
  if (users.size() > 0) {
    MSG_CHECK(take_users(rows.back()));
    rows.pop_back();
  }
  if (!conversations.empty()) {
    MSG_CHECK(take_conversations(rows[first], conversations));
    MSG_CHECK(take_members(rows[first + 1]));
  }
  if (!messages.empty()) MSG_CHECK(take_messages(rows[first + 2]));
  if (keys.size() > 0) MSG_CHECK(take_idempotency(rows.back()));
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
  return std::nullopt;
}

Result<void> PostgresTransaction::put_message(const Message& message, const Message& previous) {
  buffer_.put(message, previous);
  messages_.insert_or_assign(message.id, message);
  return {};
}

Result<void> PostgresTransaction::put_revisions(const RevisionsRow& row) {
  buffer_.put(row);
  return {};
}

Result<void> PostgresTransaction::put_annotation(const AnnotationRow& row) {
  buffer_.put(row);
  return {};
}

Result<void> PostgresTransaction::forget_request(const Message& message) {
  if (message.client_id.empty()) return {};
  buffer_.forget_request(message);
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
  buffer_.send(connection_, writer_);
  log_.send(connection_, writer_, list_entry_, newest_, last);
  connection_.send(Sql::horizon);  // each statement sees what was committed before it began
  const auto ended = end();
  log_.sent(ended.has_value());
  if (!ended) return std::unexpected(ended.error());
  built_on_ = read_horizon((*ended)[ended->size() - 2]).value_or(kAnything);
  return {};
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
