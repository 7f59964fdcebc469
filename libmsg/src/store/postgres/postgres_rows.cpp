// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_rows.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/extras_codec.h"
#include "core/row_codec.h"

namespace msg::postgres {
namespace {

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

}  // namespace

// The initializers of a braced list are evaluated in order, so these read as the column lists do.

Result<User> read_user(Columns& columns) {
  User user{.id = columns.id<UserId>(),
            .phone = columns.text(),
            .username = columns.optional_text(),
            .display_name = columns.text(),
            .about = columns.text(),
            .avatar = columns.text(),
            .created_at = columns.time(),
            .updated_at = columns.time(),
            .read_receipts = columns.flag()};
  MSG_TRY(user.presence_to, audience(columns.bytes()));
  user.last_seen = columns.optional_time();
  return user;
}

Result<ConversationRow> read_conversation(Columns& columns) {
  ConversationRow row;
  row.id = columns.id<ConversationId>();
  MSG_TRY(row.kind, conversation_kind(columns.bytes()));
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
  MSG_TRY(row.senders, decode_sender_counts(columns.bytes()));
  row.changes = columns.id<Version>();
  MSG_CHECK(decode_extras(columns.bytes(), row));
  return row;
}

Result<MemberRow> read_member(Columns& columns) {
  MemberRow row;
  row.conversation = columns.id<ConversationId>();
  row.user = columns.id<UserId>();
  const std::string_view role = columns.bytes();
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
  MSG_TRY(row.delivered_runs, decode_receipt_runs(columns.bytes()));
  MSG_TRY(row.read_runs, decode_receipt_runs(columns.bytes()));
  row.sent_count = columns.integer();
  row.sent_count_at_read = columns.integer();
  row.joined_at = columns.time();
  row.version = columns.id<Version>();
  MSG_CHECK(decode_extras(columns.bytes(), row));
  MSG_TRY(row.own, decode_member_own(columns.optional_text().value_or(std::string())));
  return row;
}

Result<MembershipRow> read_membership(Columns& columns) {
  return MembershipRow{.user = columns.id<UserId>(),
                       .conversation = columns.id<ConversationId>(),
                       .active = columns.flag(),
                       .version = columns.id<Version>(),
                       .with_history = columns.flag()};
}

Result<Participation> read_participation(Columns& columns) {
  Participation both;
  MSG_TRY(both.conversation, read_conversation(columns));
  MSG_TRY(both.member, read_member(columns));
  both.read_receipts = columns.optional_flag();
  return both;
}

Result<Standing> read_standing(Columns& columns) {
  Standing standing;
  MSG_TRY(standing.membership, read_membership(columns));
  standing.membership_writer = static_cast<std::size_t>(columns.integer());
  standing.conversation_writer = static_cast<std::size_t>(columns.integer());
  if (std::max(standing.membership_writer, standing.conversation_writer) >= kWritersMax) {
    return unknown("writer", std::to_string(standing.conversation_writer));
  }
  MSG_TRY(standing.conversation, read_conversation(columns));
  MSG_TRY(standing.member, read_member(columns));
  return standing;
}

Result<Message> read_message(Columns& columns) {
  Message message;
  message.id = {.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  message.version = columns.id<Version>();
  message.created_at = time_of(message.version);
  message.sender = columns.id<UserId>();
  const std::string_view kind = columns.bytes();
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
  MSG_CHECK(decode_extras(columns.bytes(), message));
  return message;
}

Result<MessageChange> read_message_change(Columns& columns) {
  return MessageChange{.version = columns.id<Version>(), .seq = columns.id<Seq>()};
}

Result<RevisionsRow> read_revisions(Columns& columns) {
  const MessageId id{.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  return decode_revisions(id, columns.bytes());
}

Result<AnnotationRow> read_annotation(Columns& columns) {
  const MessageId id{.conversation = columns.id<ConversationId>(), .seq = columns.id<Seq>()};
  const auto user = columns.id<UserId>();
  return decode_annotation(id, user, columns.bytes());
}

Result<IdempotencyRow> read_idempotency(Columns& columns) {
  IdempotencyRow row;
  const std::string_view hash = columns.bytes();
  if (hash.size() != row.request_hash.size()) {
    return fail(Code::corrupt, "a request hash of " + std::to_string(hash.size()) + " bytes");
  }
  std::ranges::copy(hash, row.request_hash.begin());
  row.seq = columns.id<Seq>();
  return row;
}

Result<Life> read_life(Columns& columns) {
  const std::int64_t writer = columns.integer();
  if (writer < 0 || static_cast<std::size_t>(writer) >= kWritersMax) {
    return unknown("writer", std::to_string(writer));
  }
  return Life{.writer = static_cast<std::size_t>(writer),
              .from = columns.id<Version>(),
              .tag = static_cast<std::uint32_t>(columns.integer())};
}

Result<Session> read_session(Columns& columns) {
  Session session{.id = columns.id<SessionId>(),
                  .user = columns.id<UserId>(),
                  .device_name = columns.text(),
                  .created_at = columns.time(),
                  .last_seen_at = columns.time()};
  session.last_seen_at = std::max(session.last_seen_at, session.created_at);
  return session;
}

Result<SideRecord> read_side_record(Columns& columns) {
  SideRecord record{.kind = SideKind{columns.integer()}, .owner = columns.integer()};
  record.key = columns.text();
  record.expires_at = columns.optional_time();
  record.value = columns.text();
  return record;
}

Result<ApiKey> read_api_key(Columns& columns) {
  return ApiKey{.id = columns.id<ApiKeyId>(),
                .name = columns.text(),
                .created_at = columns.time(),
                .scopes = KeyScopes::of_bits(columns.integer())};
}

Result<Horizon> read_horizon(const Rows& rows) {
  Horizon horizon;
  for (int i = 0; i < rows.size(); ++i) {
    const auto writer = static_cast<std::size_t>(rows.integer(i, 0));
    if (writer >= kWritersMax) return unknown("writer", std::to_string(writer));
    horizon.up_to.at(writer) = Version{rows.integer(i, 1)};
  }
  return horizon;
}

Column horizon_column(const Horizon& horizon) {
  Column column(Column::Type::int8);
  for (const Version version : horizon.up_to) column.add(version);
  return column;
}

}  // namespace msg::postgres
