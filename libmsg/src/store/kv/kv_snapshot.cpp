// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_snapshot.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_records.h"

namespace msg::kv {
namespace {

constexpr int kNoLimit = std::numeric_limits<int>::max();

std::unexpected<Error> bad_key(std::string_view table) {
  return fail(Code::corrupt, "a stored key of " + std::string(table) + " is malformed");
}

template <class Id>
Result<Id> decode_id(std::string_view value) {
  MSG_TRY(const std::int64_t number, decode_number(value));
  return Id{number};
}

Result<Life> decode_life(std::string_view key, std::string_view value) {
  const auto writer = first_id(key);
  const auto from = last_id(key);
  MSG_TRY(const std::int64_t tag, decode_number(value));
  if (!writer || !from || *writer < 0 || static_cast<std::size_t>(*writer) >= kWritersMax) {
    return bad_key("lives");
  }
  return Life{.writer = static_cast<std::size_t>(*writer),
              .from = Version{*from},
              .tag = static_cast<std::uint32_t>(tag)};
}

Result<Message> message_at(ConversationId conversation, std::string_view key,
                           std::string_view value) {
  const auto seq = last_id(key);
  if (!seq) return bad_key("messages");
  return decode_message({.conversation = conversation, .seq = Seq{*seq}}, value);
}

}  // namespace

template <class Base>
template <class T, class Decode>
Result<std::optional<T>> KvReads<Base>::find(const std::string& key, const Decode& decode) {
  MSG_TRY(const bool found, view_.get(key, value_));
  if (!found) return std::nullopt;
  MSG_TRY(T row, decode(std::string_view(value_)));
  return row;
}

template <class Base>
template <class T, class Decode>
Result<std::vector<T>> KvReads<Base>::list(const KvRange& range, KvDirection direction, int limit,
                                           const Decode& decode) {
  std::vector<T> rows;
  if (limit <= 0 || range.begin >= range.end) return rows;
  std::optional<Error> error;
  const auto visit = [&](std::string_view key, std::string_view value) {
    Result<T> row = decode(key, value);
    if (!row) {
      error = std::move(row).error();
      return false;
    }
    rows.push_back(std::move(*row));
    return rows.size() < static_cast<std::size_t>(limit);
  };
  MSG_CHECK(view_.scan(range, direction, std::ref(visit)));
  if (error) return std::unexpected(*std::move(error));
  return rows;
}

template <class Base>
template <class Id>
Result<std::optional<Id>> KvReads<Base>::find_id(const std::string& key) {
  return find<Id>(key, decode_id<Id>);
}

template <class Base>
Result<Version> KvReads<Base>::last_version() {
  MSG_TRY(const auto version, find_id<Version>(meta_key("last_version")));
  return version.value_or(Version{0});  // nothing was committed yet
}

template <class Base>
Result<std::vector<WriterRun>> KvReads<Base>::list_writer_runs(ConversationId conversation,
                                                               Version up_to, int limit) {
  const auto decode = [conversation](std::string_view key,
                                     std::string_view value) -> Result<WriterRun> {
    const auto from = last_id(key);
    MSG_TRY(const std::int64_t writer, decode_number(value));
    if (!from || writer < 0 || static_cast<std::size_t>(writer) >= kWritersMax) {
      return bad_key("writers");
    }
    return WriterRun{conversation, Version{*from}, static_cast<std::size_t>(writer)};
  };
  return list<WriterRun>(writer_runs_up_to(conversation, up_to), KvDirection::backward, limit,
                         decode);
}

template <class Base>
Result<std::vector<Record>> KvReads<Base>::scan(Table table, const RecordKey& after,
                                                const ScanLimit& limit) {
  MSG_TRY(auto records, scan_records(view_, table, after, limit));
  if (origin_) MSG_CHECK(add_writers(*this, records));
  return records;
}

// Users ------------------------------------------------------------------------------------------

template <class Base>
Result<std::optional<User>> KvReads<Base>::find_user(UserId user) {
  return find<User>(user_key(user), [user](std::string_view v) { return decode_user(user, v); });
}

template <class Base>
Result<std::optional<UserId>> KvReads<Base>::find_phone(std::string_view phone) {
  return find_id<UserId>(phone_key(phone));
}

template <class Base>
Result<std::optional<UserId>> KvReads<Base>::find_username(std::string_view name) {
  return find_id<UserId>(username_key(name));
}

template <class Base>
Result<std::vector<User>> KvReads<Base>::list_users(UserId after, int limit) {
  const auto decode = [](std::string_view key, std::string_view value) -> Result<User> {
    const auto user = last_id(key);
    if (!user) return bad_key("users");
    return decode_user(UserId{*user}, value);
  };
  return list<User>(users_after(after), KvDirection::forward, limit, decode);
}

// Conversations and members ----------------------------------------------------------------------

template <class Base>
Result<std::optional<ConversationRow>> KvReads<Base>::find_conversation(ConversationId id) {
  return find<ConversationRow>(head_key(id),
                               [id](std::string_view v) { return decode_conversation(id, v); });
}

template <class Base>
Result<std::optional<ConversationId>> KvReads<Base>::find_direct(UserId low, UserId high) {
  return find_id<ConversationId>(direct_key(low, high));
}

template <class Base>
Result<std::optional<MemberRow>> KvReads<Base>::find_member(ConversationId conversation,
                                                            UserId user) {
  return find<MemberRow>(member_key(conversation, user), [&](std::string_view value) {
    return decode_member(conversation, user, value);
  });
}

template <class Base>
Result<std::vector<MemberRow>> KvReads<Base>::list_members(ConversationId conversation,
                                                           UserId after, int limit) {
  const auto decode = [&](std::string_view key, std::string_view value) -> Result<MemberRow> {
    const auto user = last_id(key);
    if (!user) return bad_key("members");
    return decode_member(conversation, UserId{*user}, value);
  };
  return list<MemberRow>(members_after(conversation, after), KvDirection::forward, limit, decode);
}

template <class Base>
Result<std::vector<MemberRow>> KvReads<Base>::list_members_changed(ConversationId conversation,
                                                                   Version after, int limit) {
  const auto decode = [](std::string_view key, std::string_view) -> Result<UserId> {
    const auto user = last_id(key);
    if (!user) return bad_key("changed members");
    return UserId{*user};
  };
  MSG_TRY(const auto users, list<UserId>(members_changed_after(conversation, after),
                                         KvDirection::forward, limit, decode));
  // The index names only the members that changed; a copy of each there would double every
  // receipt's write to save a get in a list that is nearly always short.
  std::vector<MemberRow> rows;
  rows.reserve(users.size());
  for (const UserId user : users) {
    MSG_TRY(auto row, find_member(conversation, user));
    if (!row) return fail(Code::corrupt, "a changed member is not stored");
    rows.push_back(*std::move(row));
  }
  return rows;
}

template <class Base>
Result<std::vector<MembershipRow>> KvReads<Base>::list_memberships(UserId user,
                                                                   ConversationId after,
                                                                   int limit) {
  const auto decode = [user](std::string_view key,
                             std::string_view value) -> Result<MembershipRow> {
    const auto conversation = last_id(key);
    if (!conversation) return bad_key("memberships");
    return decode_membership(user, ConversationId{*conversation}, value);
  };
  return list<MembershipRow>(memberships_after(user, after), KvDirection::forward, limit, decode);
}

// Messages ---------------------------------------------------------------------------------------

template <class Base>
Result<std::optional<Message>> KvReads<Base>::find_message(const MessageId& id) {
  return find<Message>(message_key(id.conversation, id.seq),
                       [&id](std::string_view value) { return decode_message(id, value); });
}

template <class Base>
Result<std::vector<Message>> KvReads<Base>::list_messages(ConversationId conversation, Seq from,
                                                          Seq to, int limit, Order order) {
  const auto decode = [conversation](std::string_view key, std::string_view value) {
    return message_at(conversation, key, value);
  };
  const auto range = messages_between(conversation, from, to);
  if (order == Order::oldest_first) {
    return list<Message>(range, KvDirection::forward, limit, decode);
  }
  const auto distance =
      static_cast<std::uint64_t>(to_int(to)) - static_cast<std::uint64_t>(to_int(from));
  if (from > to || distance >= static_cast<std::uint64_t>(std::max(limit, 0))) {
    return list<Message>(range, KvDirection::backward, limit, decode);
  }
  // All of it is wanted, and forward is the way an engine steps faster: RocksDB finds each entry
  // before another one by a search of its own.
  MSG_TRY(auto messages, list<Message>(range, KvDirection::forward, limit, decode));
  std::ranges::reverse(messages);
  return messages;
}

template <class Base>
Result<std::optional<Seq>> KvReads<Base>::find_seq_after(ConversationId conversation,
                                                         Version version) {
  const auto decode_mark = [](std::string_view, std::string_view value) {
    return decode_id<Seq>(value);
  };
  MSG_TRY(const auto marks, list<Seq>(time_marks_up_to(conversation, version),
                                      KvDirection::backward, 1, decode_mark));
  // The message of the mark is not above `version` itself. The next mark, if there is one, is: so
  // the message sought is not behind it.
  const std::int64_t mark = marks.empty() ? 0 : to_int(marks.front());
  std::optional<Seq> seq;
  std::optional<Error> error;
  const auto visit = [&](std::string_view key, std::string_view value) {
    Result<Message> message = message_at(conversation, key, value);
    if (!message) {
      error = std::move(message).error();
    } else if (message->version > version) {
      seq = message->id.seq;
    }
    return !seq && !error;
  };
  MSG_CHECK(view_.scan(messages_between(conversation, Seq{mark + 1}, Seq{mark + kTimeMarkInterval}),
                       KvDirection::forward, std::ref(visit)));
  if (error) return std::unexpected(*std::move(error));
  return seq;
}

template <class Base>
Result<std::optional<IdempotencyRow>> KvReads<Base>::find_idempotency(ConversationId conversation,
                                                                      UserId sender,
                                                                      std::string_view client_id) {
  return find<IdempotencyRow>(idempotency_key(conversation, sender, client_id), decode_idempotency);
}

template <class Base>
Result<std::vector<MessageChange>> KvReads<Base>::list_message_changes(ConversationId conversation,
                                                                       Version after, int limit) {
  const auto decode = [](std::string_view key, std::string_view value) -> Result<MessageChange> {
    const auto version = last_id(key);
    if (!version) return bad_key("changed messages");
    MSG_TRY(const Seq seq, decode_id<Seq>(value));
    return MessageChange{.version = Version{*version}, .seq = seq};
  };
  return list<MessageChange>(messages_changed_after(conversation, after), KvDirection::forward,
                             limit, decode);
}

template <class Base>
Result<std::optional<RevisionsRow>> KvReads<Base>::find_revisions(const MessageId& id) {
  return find<RevisionsRow>(
      revisions_key(id), [&id](std::string_view value) { return kv::decode_revisions(id, value); });
}

template <class Base>
Result<std::vector<std::optional<AnnotationRow>>> KvReads<Base>::find_annotations(
    std::span<const MessageId> ids, UserId user) {
  std::vector<std::optional<AnnotationRow>> rows;
  rows.reserve(ids.size());
  for (const MessageId& id : ids) {
    MSG_TRY(auto row, find<AnnotationRow>(annotation_key(id, user), [&](std::string_view value) {
              return kv::decode_annotation(id, user, value);
            }));
    rows.push_back(std::move(row));
  }
  return rows;
}

template <class Base>
Result<std::vector<AnnotationRow>> KvReads<Base>::list_annotations(const MessageId& id,
                                                                   UserId after, int limit) {
  const auto decode = [&](std::string_view key, std::string_view value) -> Result<AnnotationRow> {
    const auto user = last_id(key);
    if (!user) return bad_key("annotations");
    return kv::decode_annotation(id, UserId{*user}, value);
  };
  return list<AnnotationRow>(annotations_after(id, after), KvDirection::forward, limit, decode);
}

// Lives ------------------------------------------------------------------------------------------

template <class Base>
Result<std::optional<Life>> KvReads<Base>::find_life(std::size_t writer, Version version) {
  MSG_TRY(const auto lives,
          list<Life>(lives_before(writer, version), KvDirection::backward, 1, decode_life));
  return lives.empty() ? std::nullopt : std::optional(lives.front());
}

template <class Base>
Result<std::vector<Life>> KvReads<Base>::list_lives() {
  return list<Life>(all_lives(), KvDirection::forward, kNoLimit, decode_life);
}

// Access -----------------------------------------------------------------------------------------

template <class Base>
Result<std::optional<Session>> KvReads<Base>::find_session(const TokenHash& token) {
  return find<Session>(session_key(token), decode_session);
}

template <class Base>
Result<std::vector<Session>> KvReads<Base>::list_sessions(UserId user) {
  const auto decode = [](std::string_view, std::string_view value) -> Result<Session> {
    MSG_TRY(const HashedRow hashed, decode_hashed(value));
    return decode_session(hashed.row);
  };
  return list<Session>(user_sessions(user), KvDirection::forward, kNoLimit, decode);
}

template <class Base>
Result<std::optional<ApiKey>> KvReads<Base>::find_api_key(const TokenHash& secret) {
  return find<ApiKey>(secret_key(secret), decode_api_key);
}

template <class Base>
Result<std::vector<ApiKey>> KvReads<Base>::list_api_keys() {
  const auto decode = [](std::string_view, std::string_view value) -> Result<ApiKey> {
    MSG_TRY(const HashedRow hashed, decode_hashed(value));
    return decode_api_key(hashed.row);
  };
  return list<ApiKey>(api_keys(), KvDirection::forward, kNoLimit, decode);
}

template <class Base>
Result<std::optional<SideRecord>> KvReads<Base>::find_side_record(SideKind kind, std::int64_t owner,
                                                                  std::string_view key) {
  return find<SideRecord>(side_key(kind, owner, key), [&](std::string_view value) {
    return decode_side_record(kind, owner, key, value);
  });
}

template <class Base>
Result<std::vector<SideRecord>> KvReads<Base>::list_side_records(SideKind kind, std::int64_t owner,
                                                                 std::string_view after,
                                                                 int limit) {
  const auto decode = [](std::string_view key, std::string_view value) -> Result<SideRecord> {
    const auto name = side_name(key);
    if (!name) return bad_key("side records");
    return decode_side_record(name->kind, name->owner, name->key, value);
  };
  return list<SideRecord>(side_records_after(kind, owner, after), KvDirection::forward, limit,
                          decode);
}

template class KvReads<Snapshot>;
template class KvReads<WriteTransaction>;

}  // namespace msg::kv
