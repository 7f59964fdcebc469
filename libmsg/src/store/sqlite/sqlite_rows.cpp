// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_rows.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/extras_codec.h"
#include "core/row_codec.h"

namespace msg::sqlite {
namespace {

/// Reads the columns of a row from left to right.
class Columns {
 public:
  explicit Columns(const Query& query) : query_(query) {}

  std::int64_t integer() { return query_.integer(next_++); }
  bool flag() { return integer() != 0; }
  Time time() { return Time{std::chrono::milliseconds{integer()}}; }
  template <class Id>
  Id id() {
    return Id{integer()};
  }
  std::string_view view() { return query_.text(next_++); }
  std::string text() { return std::string(view()); }
  std::string_view packed() {
    const auto bytes = query_.blob(next_++);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::optional<std::string> optional_text() {
    return is_null() ? std::nullopt : std::optional(text());
  }
  std::optional<Time> optional_time() { return is_null() ? std::nullopt : std::optional(time()); }
  template <class Id>
  std::optional<Id> optional_id() {
    return is_null() ? std::nullopt : std::optional(id<Id>());
  }
  std::optional<Seq> optional_seq() { return optional_id<Seq>(); }

 private:
  /// Steps over the column when it is.
  bool is_null() {
    if (!query_.is_null(next_)) return false;
    ++next_;
    return true;
  }

  const Query& query_;
  int next_ = 0;
};

/// No bytes are NULL. Borrows them.
std::optional<Blob> blob_of(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional(Blob(bytes));
}

std::unexpected<Error> unknown(std::string_view what, std::string_view text) {
  return fail(Code::corrupt, "unknown " + std::string(what) + " '" + std::string(text) + "'");
}

Result<Audience> audience(std::string_view text) {
  const auto found = parse_audience(text);
  if (!found) return unknown("audience", text);
  return *found;
}

Result<ConversationKind> conversation_kind(std::string_view text) {
  for (const auto kind : {ConversationKind::direct, ConversationKind::group}) {
    if (text == to_string(kind)) return kind;
  }
  return unknown("conversation kind", text);
}

// The initializers of a braced list are evaluated in order, so these read as the column lists do.

Result<ConversationRow> conversation_in(Columns& columns) {
  ConversationRow row;
  row.id = columns.id<ConversationId>();
  MSG_TRY(row.kind, conversation_kind(columns.view()));
  row.title = columns.text();
  row.direct_low = columns.id<UserId>();
  row.direct_high = columns.id<UserId>();
  row.created_by = columns.id<UserId>();
  row.created_at = columns.time();
  row.last_seq = columns.id<Seq>();
  row.activity = columns.id<Version>();
  row.member_count = columns.integer();
  row.owner_count = columns.integer();
  row.version = columns.id<Version>();
  MSG_TRY(row.senders, decode_sender_counts(columns.packed()));
  row.changes = columns.id<Version>();
  MSG_CHECK(decode_extras(columns.packed(), row));
  return row;
}

Result<MemberRow> member_in(Columns& columns) {
  MemberRow row;
  row.conversation = columns.id<ConversationId>();
  row.user = columns.id<UserId>();
  const std::string_view role = columns.view();
  if (const auto known = parse_role(role)) {
    row.role = *known;
  } else {
    return unknown("role", role);
  }
  row.active = columns.flag();
  row.visible_from = columns.id<Seq>();
  row.visible_until = columns.optional_seq();
  row.delivered = columns.id<Seq>();
  row.read = columns.id<Seq>();
  MSG_TRY(row.delivered_runs, decode_receipt_runs(columns.packed()));
  MSG_TRY(row.read_runs, decode_receipt_runs(columns.packed()));
  row.sent_count = columns.integer();
  row.sent_count_at_read = columns.integer();
  row.joined_at = columns.time();
  row.version = columns.id<Version>();
  MSG_CHECK(decode_extras(columns.packed(), row));
  MSG_TRY(row.own, decode_member_own(columns.packed()));
  return row;
}

Result<MembershipRow> membership_in(Columns& columns) {
  return MembershipRow{.user = columns.id<UserId>(),
                       .conversation = columns.id<ConversationId>(),
                       .active = columns.flag(),
                       .version = columns.id<Version>(),
                       .with_history = columns.flag()};
}

}  // namespace

Result<User> read_user(const Query& query) {
  Columns columns(query);
  User user{.id = columns.id<UserId>(),
            .phone = columns.text(),
            .username = columns.optional_text(),
            .display_name = columns.text(),
            .about = columns.text(),
            .avatar = columns.text(),
            .created_at = columns.time(),
            .updated_at = columns.time(),
            .read_receipts = columns.flag()};
  MSG_TRY(user.presence_to, audience(columns.view()));
  user.last_seen = columns.optional_time();
  return user;
}

Result<ConversationRow> read_conversation(const Query& query) {
  Columns columns(query);
  return conversation_in(columns);
}

Result<MemberRow> read_member(const Query& query) {
  Columns columns(query);
  return member_in(columns);
}

Result<MembershipRow> read_membership(const Query& query) {
  Columns columns(query);
  return membership_in(columns);
}

Result<ListPlace> read_list_place(const Query& query) {
  if (query.is_null(0)) return fail(Code::corrupt, "a membership names no conversation");
  Columns columns(query);
  ListPlace place;
  place.activity = columns.id<Version>();
  place.conversation = columns.id<ConversationId>();
  return place;
}

Result<Standing> read_standing(const Query& query) {
  constexpr int kConversation = 5;  // places of the first columns of each
  constexpr int kMember = 20;
  if (query.is_null(kConversation) || query.is_null(kMember)) {
    return fail(Code::corrupt, "a membership names no conversation or member");
  }
  Columns columns(query);
  Standing standing;
  MSG_TRY(standing.membership, membership_in(columns));
  MSG_TRY(standing.conversation, conversation_in(columns));
  MSG_TRY(standing.member, member_in(columns));
  return standing;
}

Result<Message> read_message(const Query& query) {
  Columns columns(query);
  Message message;
  message.id = {.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  message.version = columns.id<Version>();
  message.created_at = time_of(message.version);
  message.sender = columns.id<UserId>();
  const std::string_view kind = columns.view();
  if (const auto known = parse_message_kind(kind)) {
    message.kind = *known;
  } else {
    return unknown("message kind", kind);
  }
  message.reply_to = columns.optional_seq();
  message.timestamp = columns.optional_time();
  message.edited_at = columns.optional_time();
  message.deleted = columns.flag();
  message.client_id = columns.text();
  message.content = columns.text();
  message.changed = columns.optional_id<Version>();
  MSG_CHECK(decode_extras(columns.packed(), message));
  return message;
}

Result<MessageChange> read_message_change(const Query& query) {
  Columns columns(query);
  return MessageChange{.version = columns.id<Version>(), .seq = columns.id<Seq>()};
}

Result<RevisionsRow> read_revisions(const Query& query) {
  Columns columns(query);
  const MessageId id{.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  return decode_revisions(id, columns.packed());
}

Result<AnnotationRow> read_annotation(const Query& query) {
  Columns columns(query);
  const MessageId id{.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  const auto user = columns.id<UserId>();
  return decode_annotation(id, user, columns.packed());
}

Result<IdempotencyRow> read_idempotency(const Query& query) {
  return read_idempotency(query, 0);
}

Result<IdempotencyRow> read_idempotency(const Query& query, int first) {
  IdempotencyRow row;
  const auto hash = query.blob(first);
  if (hash.size() != row.request_hash.size()) {
    return fail(Code::corrupt, "a request hash of " + std::to_string(hash.size()) + " bytes");
  }
  std::ranges::copy(hash, row.request_hash.begin());
  row.seq = Seq{query.integer(first + 1)};
  return row;
}

Result<Life> read_life(const Query& query) {
  const std::int64_t writer = query.integer(0);
  if (writer < 0 || static_cast<std::size_t>(writer) >= kWritersMax) {
    return fail(Code::corrupt, "unknown writer");
  }
  return Life{.writer = static_cast<std::size_t>(writer),
              .from = Version{query.integer(1)},
              .tag = static_cast<std::uint32_t>(query.integer(2))};
}

Result<Session> read_session(const Query& query) {
  Columns columns(query);
  Session session{.id = columns.id<SessionId>(),
                  .user = columns.id<UserId>(),
                  .device_name = columns.text(),
                  .created_at = columns.time(),
                  .last_seen_at = columns.time()};
  session.last_seen_at = std::max(session.last_seen_at, session.created_at);
  return session;
}

Result<ApiKey> read_api_key(const Query& query) {
  Columns columns(query);
  return ApiKey{.id = columns.id<ApiKeyId>(),
                .name = columns.text(),
                .created_at = columns.time(),
                .scopes = KeyScopes::of_bits(columns.integer())};
}

std::string text_of(std::span<const unsigned char> blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

Result<SideRecord> read_side_record(const Query& query) {
  SideRecord record{.kind = SideKind{query.integer(0)},
                    .owner = query.integer(1),
                    .key = text_of(query.blob(2)),
                    .value = text_of(query.blob(4))};
  if (!query.is_null(3)) record.expires_at = Time{std::chrono::milliseconds{query.integer(3)}};
  return record;
}

Result<void> write_user(Query& query, const User& user) {
  return query
      .bind(user.id, user.phone, user.username, user.display_name, user.about, user.avatar,
            user.created_at, user.updated_at, user.read_receipts, to_string(user.presence_to),
            user.last_seen)
      .run();
}

Result<void> write_conversation(Query& query, const ConversationRow& row) {
  const std::string senders = encode_sender_counts(row.senders);
  const std::string extras = encode_extras(row);
  return query
      .bind(row.id, to_string(row.kind), row.title, row.direct_low, row.direct_high, row.created_by,
            row.created_at, row.last_seq, row.activity, row.member_count, row.owner_count,
            row.version, Blob(senders), row.changes, blob_of(extras))
      .run();
}

Result<void> write_member(Query& query, const MemberRow& row) {
  const std::string delivered_runs = encode_receipt_runs(row.delivered_runs);
  const std::string read_runs = encode_receipt_runs(row.read_runs);
  const std::string extras = encode_extras(row);
  const std::string own = encode_member_own(row.own);
  return query
      .bind(row.conversation, row.user, to_string(row.role), row.active, row.visible_from,
            row.visible_until, row.delivered, row.read, Blob(delivered_runs), Blob(read_runs),
            row.sent_count, row.sent_count_at_read, row.joined_at, row.version, blob_of(extras),
            blob_of(own))
      .run();
}

Result<void> write_message(Query& query, const Message& message) {
  return query
      .bind(message.id.conversation, message.id.seq, message.version, message.sender,
            to_string(message.kind), message.reply_to, message.timestamp, message.edited_at,
            message.deleted, message.client_id, message.content)
      .run();
}

Result<void> rewrite_message(Query& query, const Message& message) {
  const std::string extras = encode_extras(message);
  return query
      .bind(message.id.conversation, message.id.seq, message.reply_to, message.timestamp,
            message.edited_at, message.deleted, message.content, message.changed, blob_of(extras))
      .run();
}

}  // namespace msg::sqlite
