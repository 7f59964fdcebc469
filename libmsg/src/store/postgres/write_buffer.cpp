// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/write_buffer.h"

#include <array>

#include "core/extras_codec.h"
#include "core/row_codec.h"

namespace msg::postgres {
namespace {

using Type = Column::Type;

/// No bytes are NULL. Borrows them.
std::optional<Bytes> bytes_of(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional(Bytes(bytes));
}

}  // namespace

void WriteBuffer::put(const ConversationRow& row, bool is_new) {
  if (is_new || new_conversations_.contains(row.id)) {
    new_conversations_[row.id] = row;
  } else {
    conversations_[row.id] = row;
  }
  if (is_new && row.kind == ConversationKind::direct) {
    add(Sql::insert_direct, Params(row.direct_low, row.direct_high, row.id));
  }
}

void WriteBuffer::put(const User& user) {
  if (!user.phone.empty()) add(Sql::insert_phone, Params(user.phone, user.id));
  if (user.username) add(Sql::insert_username, Params(*user.username, user.id));
  add(Sql::insert_user, Params(user.id, user.phone, user.username, user.display_name, user.about,
                               user.avatar, user.created_at, user.updated_at, user.read_receipts,
                               to_string(user.presence_to), user.last_seen));
}

void WriteBuffer::put(const Session& session, const TokenHash& token) {
  add(Sql::insert_session_token, Params(Bytes(token), session.user, session.id));
  add(Sql::insert_session, Params(session.user, session.id, Bytes(token), session.device_name,
                                  session.created_at, session.last_seen_at));
}

void WriteBuffer::put(const ApiKey& key, const TokenHash& secret) {
  add(Sql::insert_api_key,
      Params(key.id, Bytes(secret), key.name, key.created_at, key.scopes.bits()));
}

void WriteBuffer::append(const Message& message) {
  const auto [conversation, seq] = message.id;
  messages_.conversation.add(conversation);
  messages_.seq.add(seq);
  messages_.version.add(message.version);
  messages_.sender.add(message.sender);
  messages_.kind.add(to_string(message.kind));
  messages_.reply_to.add(message.reply_to);
  messages_.timestamp.add(message.timestamp);
  messages_.edited_at.add(message.edited_at);
  messages_.deleted.add(message.deleted);
  messages_.client_id.add(message.client_id);
  messages_.content.add(message.content);
  if (message.changed || has_extras(message)) rewrite(message);
  if (to_int(seq) % kTimeMarkInterval == 0) {
    time_marks_.conversation.add(conversation);
    time_marks_.version.add(message.version);
    time_marks_.seq.add(seq);
  }
}

void WriteBuffer::append(ConversationId conversation, UserId sender, std::string_view client_id,
                         const IdempotencyRow& row) {
  idempotency_.conversation.add(conversation);
  idempotency_.sender.add(sender);
  idempotency_.client_id.add(client_id);
  idempotency_.request_hash.add(Bytes(row.request_hash));
  idempotency_.seq.add(row.seq);
}

void WriteBuffer::put(const Message& message, const Message& previous) {
  const ConversationId conversation = message.id.conversation;
  if (previous.changed) {
    rewrites_.emplace_back(Sql::erase_message_change, Params(conversation, *previous.changed));
  }
  put(conversation, {.version = message.changed.value(), .seq = message.id.seq});
  rewrite(message);
}

void WriteBuffer::put(ConversationId conversation, const MessageChange& change) {
  rewrites_.emplace_back(Sql::put_message_change, Params(conversation, change.version, change.seq));
}

void WriteBuffer::put(const RevisionsRow& row) {
  const std::string revisions = encode_revisions(row);
  rewrites_.emplace_back(Sql::put_revisions,
                         Params(row.message.conversation, row.message.seq, Bytes(revisions)));
}

void WriteBuffer::put(const AnnotationRow& row) {
  const auto& [conversation, seq] = row.message;
  if (row.empty()) {
    rewrites_.emplace_back(Sql::erase_annotation, Params(conversation, seq, row.user));
    return;
  }
  const std::string annotation = encode_annotation(row);
  rewrites_.emplace_back(Sql::put_annotation,
                         Params(conversation, seq, row.user, Bytes(annotation)));
}

void WriteBuffer::put(const SideRecord& record) {
  add(Sql::put_side_record, Params(to_int(record.kind), record.owner, Bytes(record.key),
                                   record.expires_at, Bytes(record.value)));
}

void WriteBuffer::forget_request(const Message& message) {
  rewrites_.emplace_back(Sql::forget_request, Params(message.id.conversation, message.sender,
                                                     message.client_id, Bytes(kForgottenRequest)));
}

void WriteBuffer::rewrite(const Message& message) {
  const std::string extras = encode_extras(message);
  rewrites_.emplace_back(Sql::put_message,
                         Params(message.id.conversation, message.id.seq, message.reply_to,
                                message.timestamp, message.edited_at, message.deleted,
                                message.content, message.changed, bytes_of(extras)));
}

bool WriteBuffer::empty() const {
  return single_.empty() && new_conversations_.empty() && conversations_.empty() &&
         members_.empty() && memberships_.empty() && messages_.seq.size() == 0 &&
         idempotency_.seq.size() == 0 && rewrites_.empty();
}

void WriteBuffer::send(Connection& connection, std::int64_t writer) {
  for (const auto& [statement, params] : single_) connection.send(statement, params);
  send_conversations(connection, Sql::insert_conversations, new_conversations_, writer);
  send_conversations(connection, Sql::put_conversations, conversations_, writer);
  send_members(connection, writer);
  send_memberships(connection, writer);
  send_messages(connection, writer);
  send_idempotency(connection);
  send_rewrites(connection, writer);
  *this = {};
}

void WriteBuffer::send_conversations(Connection& connection, Sql statement,
                                     const Conversations& rows, std::int64_t writer) {
  if (rows.empty()) return;
  Column id(Type::int8);
  Column kind(Type::text);
  Column title(Type::text);
  std::array numbers{Column(Type::int8), Column(Type::int8), Column(Type::int8),
                     Column(Type::int8), Column(Type::int8), Column(Type::int8),
                     Column(Type::int8), Column(Type::int8), Column(Type::int8)};
  Column senders(Type::bytea);
  Column changes(Type::int8);
  Column pins(Type::bytea);
  for (const auto& [key, row] : rows) {
    id.add(row.id);
    kind.add(to_string(row.kind));
    title.add(row.title);
    numbers[0].add(row.direct_low);
    numbers[1].add(row.direct_high);
    numbers[2].add(row.created_by);
    numbers[3].add(row.created_at);
    numbers[4].add(row.last_seq);
    numbers[5].add(row.activity);
    numbers[6].add(row.member_count);
    numbers[7].add(row.owner_count);
    numbers[8].add(row.version);
    senders.add(encode_sender_counts(row.senders));
    changes.add(row.changes);
    const std::string packed = encode_extras(row);
    pins.add(bytes_of(packed));
  }
  Params params(id, kind, title);
  for (const auto& column : numbers) params.add(column);
  params.add(senders);
  params.add(changes);
  params.add(pins);
  params.add(writer);
  connection.send(statement, params);
}

void WriteBuffer::send_members(Connection& connection, std::int64_t writer) const {
  if (members_.empty()) return;
  Column conversation(Type::int8);
  Column user(Type::int8);
  Column role(Type::text);
  Column active(Type::boolean);
  Column visible_from(Type::int8);
  Column visible_until(Type::int8);
  Column delivered(Type::int8);
  Column read(Type::int8);
  Column delivered_runs(Type::bytea);
  Column read_runs(Type::bytea);
  Column sent_count(Type::int8);
  Column sent_count_at_read(Type::int8);
  Column joined_at(Type::int8);
  Column version(Type::int8);
  Column extras(Type::bytea);
  Column own(Type::bytea);
  for (const auto& [key, row] : members_) {
    conversation.add(row.conversation);
    user.add(row.user);
    role.add(to_string(row.role));
    active.add(row.active);
    visible_from.add(row.visible_from);
    visible_until.add(row.visible_until);
    delivered.add(row.delivered);
    read.add(row.read);
    delivered_runs.add(encode_receipt_runs(row.delivered_runs));
    read_runs.add(encode_receipt_runs(row.read_runs));
    sent_count.add(row.sent_count);
    sent_count_at_read.add(row.sent_count_at_read);
    joined_at.add(row.joined_at);
    version.add(row.version);
    const std::string packed = encode_extras(row);
    extras.add(bytes_of(packed));
    const std::string bytes = encode_member_own(row.own);
    own.add(bytes.empty() ? std::nullopt : std::optional(Bytes(bytes)));
  }
  connection.send(Sql::put_members,
                  Params(conversation, user, role, active, visible_from, visible_until, delivered,
                         read, delivered_runs, read_runs, sent_count, sent_count_at_read, joined_at,
                         version, extras, own, writer));
}

void WriteBuffer::send_memberships(Connection& connection, std::int64_t writer) const {
  if (memberships_.empty()) return;
  Column user(Type::int8);
  Column conversation(Type::int8);
  Column active(Type::boolean);
  Column version(Type::int8);
  Column with_history(Type::boolean);
  for (const auto& [key, row] : memberships_) {
    user.add(row.user);
    conversation.add(row.conversation);
    active.add(row.active);
    version.add(row.version);
    with_history.add(row.with_history);
  }
  connection.send(Sql::put_memberships,
                  Params(user, conversation, active, version, with_history, writer));
}

void WriteBuffer::send_messages(Connection& connection, std::int64_t writer) const {
  if (messages_.seq.size() == 0) return;
  const Messages& m = messages_;
  connection.send(Sql::append_messages,
                  Params(m.conversation, m.seq, m.version, m.sender, m.kind, m.reply_to,
                         m.timestamp, m.edited_at, m.deleted, m.client_id, m.content, writer));
  if (time_marks_.seq.size() > 0) {
    connection.send(Sql::append_time_marks,
                    Params(time_marks_.conversation, time_marks_.version, time_marks_.seq, writer));
  }
}

void WriteBuffer::send_idempotency(Connection& connection) const {
  if (idempotency_.seq.size() == 0) return;
  const Idempotency& i = idempotency_;
  connection.send(Sql::append_idempotency,
                  Params(i.conversation, i.sender, i.client_id, i.request_hash, i.seq));
}

void WriteBuffer::send_rewrites(Connection& connection, std::int64_t writer) {
  for (auto& [statement, params] : rewrites_) {
    if (statement == Sql::put_message_change) params.add(writer);
    connection.send(statement, params);
  }
}

}  // namespace msg::postgres
