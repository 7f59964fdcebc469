// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_codec.h"

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): the switch has this name
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "core/extras_codec.h"
#include "core/row_codec.h"
#include "core/varint.h"
#include "store/kv/kv_value.h"

// user         = format flags phone [username] display_name about avatar created updated
//                  flags: 1 username, 2 no read receipts
// conversation = format flags kind title [low high] created_by created last_seq activity
//                member_count owner_count version senders [changes] [extras]
//                  flags: 1 low and high, 2 changes, 4 extras; senders: text holding sender_counts
//                  of row_codec; extras: text holding the conversation of extras_codec
// member       = format flags role visible_from [visible_until] delivered read delivered_runs
//                read_runs sent_count sent_count_at_read joined version [extras] [own]
//                  flags: 1 active, 2 visible_until, 4 extras, 8 own; runs: text holding
//                  receipt_runs of row_codec; extras: text holding the member of extras_codec;
//                  own: text holding its member_own
// membership   = format flags version
//                  flags: 1 active, 2 with_history
// message      = format flags kind sender version client_id content [reply_to] [timestamp]
//                [edited] [created] [changed] [extras] checksum
//                  flags: 1 reply_to, 2 timestamp, 4 edited, 8 deleted, 16 created: only when it
//                    is not the time of the version, 32 changed: version of the last change,
//                    64 extras: text holding the message of extras_codec
//                  checksum: 8 bytes, XXH3 of all before it, with a seed of the message's id
// revisions    = format text checksum             text: revisions of row_codec
// annotation   = format text                      text: annotation of extras_codec
// idempotency  = format hash seq                   hash: 16 bytes
// session      = format id user device_name created [last_seen]
//                  last_seen was appended: a value that says it has none was last seen when made
// api_key      = format id name created [scopes]
//                  scopes was appended: a byte, bit n is scope n; a value without it has all
// side_record  = format flags [expires_at] value       value: text
//                  flags: 1 expires_at
// identity     = format epoch secret               secret: 32 bytes
// hashed       = hash row                          hash: 32 bytes
// number       = fixed64
//
// format, flags, enum, id, int, seq, time, text = see kv_value.h; kind and role are enums,
// version, activity and epoch are written like ids, counts are ints

namespace msg::kv {
namespace {

constexpr std::size_t kChecksumBytes = 8;

// Seeded with the id of the message, so that a good value under a wrong key is noticed too. The
// factor is that of Fibonacci hashing (Knuth, TAOCP 3, 6.4): it spreads neighbouring conversations.
std::uint64_t checksum(const MessageId& id, std::string_view bytes) {
  const auto conversation = static_cast<std::uint64_t>(to_int(id.conversation));
  const auto seq = static_cast<std::uint64_t>(to_int(id.seq));
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), conversation * 0x9E3779B97F4A7C15u + seq);
}

constexpr std::uint8_t kHasUsername = 1;
constexpr std::uint8_t kNoReadReceipts = 2;
constexpr std::uint8_t kHasLastSeen = 4;
constexpr std::uint8_t kPresenceToNobody = 8;
constexpr std::uint8_t kPresenceToEveryone = 16;
constexpr std::uint8_t kHasDirect = 1;
constexpr std::uint8_t kHasChanges = 2;
constexpr std::uint8_t kHasConversationExtras = 4;
constexpr std::uint8_t kActive = 1;
constexpr std::uint8_t kWithHistory = 2;
constexpr std::uint8_t kHasVisibleUntil = 2;
constexpr std::uint8_t kHasMemberExtras = 4;
constexpr std::uint8_t kHasOwn = 8;
constexpr std::uint8_t kHasReplyTo = 1;
constexpr std::uint8_t kHasTimestamp = 2;
constexpr std::uint8_t kHasEdited = 4;
constexpr std::uint8_t kDeleted = 8;
constexpr std::uint8_t kHasCreated = 16;
constexpr std::uint8_t kHasChanged = 32;
constexpr std::uint8_t kHasExtras = 64;

std::uint8_t flag_if(bool condition, std::uint8_t flag) {
  return condition ? flag : 0;
}

}  // namespace

std::string encode_user(const User& user) {
  std::string value =
      begin_value(64 + user.display_name.size() + user.about.size() + user.avatar.size());
  put_byte(value, static_cast<std::uint8_t>(
                      flag_if(user.username.has_value(), kHasUsername) |
                      flag_if(!user.read_receipts, kNoReadReceipts) |
                      flag_if(user.last_seen.has_value(), kHasLastSeen) |
                      flag_if(user.presence_to == Audience::nobody, kPresenceToNobody) |
                      flag_if(user.presence_to == Audience::everyone, kPresenceToEveryone)));
  put_text(value, user.phone);
  if (user.username) put_text(value, *user.username);
  put_text(value, user.display_name);
  put_text(value, user.about);
  put_text(value, user.avatar);
  put_time(value, user.created_at);
  put_time(value, user.updated_at);
  if (user.last_seen) put_time(value, *user.last_seen);
  return value;
}

Result<User> decode_user(UserId id, std::string_view value) {
  RowReader reader(value);
  User user;
  user.id = id;
  const std::uint8_t flags = reader.flags(kHasUsername | kNoReadReceipts | kHasLastSeen |
                                          kPresenceToNobody | kPresenceToEveryone);
  user.read_receipts = (flags & kNoReadReceipts) == 0;
  user.phone = reader.text();
  if ((flags & kHasUsername) != 0) user.username = reader.text();
  user.display_name = reader.text();
  user.about = reader.text();
  user.avatar = reader.text();
  user.created_at = reader.time();
  user.updated_at = reader.time();
  if ((flags & kHasLastSeen) != 0) user.last_seen = reader.time();
  if ((flags & kPresenceToNobody) != 0) user.presence_to = Audience::nobody;
  if ((flags & kPresenceToEveryone) != 0) user.presence_to = Audience::everyone;
  if (!reader.done()) return malformed("user");
  return user;
}

std::string encode_conversation(const ConversationRow& row) {
  std::string value = begin_value(160 + row.title.size());
  const bool direct = row.direct_low != UserId{} || row.direct_high != UserId{};
  const bool has_changes = row.changes != Version{};
  const std::string extras = encode_extras(row);
  put_byte(value, flag_if(direct, kHasDirect) | flag_if(has_changes, kHasChanges) |
                      flag_if(!extras.empty(), kHasConversationExtras));
  put_enum(value, row.kind);
  put_text(value, row.title);
  if (direct) {
    put_id(value, row.direct_low);
    put_id(value, row.direct_high);
  }
  put_id(value, row.created_by);
  put_time(value, row.created_at);
  put_seq(value, row.last_seq);
  put_id(value, row.activity);
  put_zigzag(value, row.member_count);
  put_zigzag(value, row.owner_count);
  put_id(value, row.version);
  put_text(value, encode_sender_counts(row.senders));
  if (has_changes) put_id(value, row.changes);
  if (!extras.empty()) put_text(value, extras);
  return value;
}

Result<ConversationRow> decode_conversation(ConversationId id, std::string_view value) {
  RowReader reader(value);
  ConversationRow row;
  row.id = id;
  const std::uint8_t flags = reader.flags(kHasDirect | kHasChanges | kHasConversationExtras);
  row.kind = reader.enumeration(ConversationKind::group);
  row.title = reader.text();
  if ((flags & kHasDirect) != 0) {
    row.direct_low = reader.id<UserId>();
    row.direct_high = reader.id<UserId>();
  }
  row.created_by = reader.id<UserId>();
  row.created_at = reader.time();
  row.last_seq = reader.seq();
  row.activity = reader.id<Version>();
  row.member_count = reader.number();
  row.owner_count = reader.number();
  row.version = reader.id<Version>();
  const std::string_view senders = reader.text_view();
  if ((flags & kHasChanges) != 0) row.changes = reader.id<Version>();
  const std::string_view extras =
      (flags & kHasConversationExtras) != 0 ? reader.text_view() : std::string_view{};
  if (!reader.done()) return malformed("conversation");
  MSG_TRY(row.senders, decode_sender_counts(senders));
  MSG_CHECK(decode_extras(extras, row));
  return row;
}

std::string encode_member(const MemberRow& row) {
  std::string value = begin_value(96);
  const std::string extras = encode_extras(row);
  put_byte(value, flag_if(row.active, kActive) |
                      flag_if(row.visible_until.has_value(), kHasVisibleUntil) |
                      flag_if(!extras.empty(), kHasMemberExtras) |
                      flag_if(row.own != MemberOwn{}, kHasOwn));
  put_enum(value, row.role);
  put_seq(value, row.visible_from);
  if (row.visible_until) put_seq(value, *row.visible_until);
  put_seq(value, row.delivered);
  put_seq(value, row.read);
  put_text(value, encode_receipt_runs(row.delivered_runs));
  put_text(value, encode_receipt_runs(row.read_runs));
  put_zigzag(value, row.sent_count);
  put_zigzag(value, row.sent_count_at_read);
  put_time(value, row.joined_at);
  put_id(value, row.version);
  if (!extras.empty()) put_text(value, extras);
  if (row.own != MemberOwn{}) put_text(value, encode_member_own(row.own));
  return value;
}

Result<MemberRow> decode_member(ConversationId conversation, UserId user, std::string_view value) {
  RowReader reader(value);
  MemberRow row;
  row.conversation = conversation;
  row.user = user;
  const std::uint8_t flags = reader.flags(kActive | kHasVisibleUntil | kHasMemberExtras | kHasOwn);
  row.active = (flags & kActive) != 0;
  row.role = reader.enumeration(Role::owner);
  row.visible_from = reader.seq();
  if ((flags & kHasVisibleUntil) != 0) row.visible_until = reader.seq();
  row.delivered = reader.seq();
  row.read = reader.seq();
  const std::string_view delivered_runs = reader.text_view();
  const std::string_view read_runs = reader.text_view();
  row.sent_count = reader.number();
  row.sent_count_at_read = reader.number();
  row.joined_at = reader.time();
  row.version = reader.id<Version>();
  const std::string_view extras =
      (flags & kHasMemberExtras) != 0 ? reader.text_view() : std::string_view{};
  const std::string_view own = (flags & kHasOwn) != 0 ? reader.text_view() : std::string_view{};
  if (!reader.done()) return malformed("member");
  MSG_TRY(row.own, decode_member_own(own));
  MSG_TRY(row.delivered_runs, decode_receipt_runs(delivered_runs));
  MSG_TRY(row.read_runs, decode_receipt_runs(read_runs));
  MSG_CHECK(decode_extras(extras, row));
  return row;
}

std::string encode_membership(const MembershipRow& row) {
  std::string value = begin_value(10);
  put_byte(value, flag_if(row.active, kActive) | flag_if(row.with_history, kWithHistory));
  put_id(value, row.version);
  return value;
}

Result<MembershipRow> decode_membership(UserId user, ConversationId conversation,
                                        std::string_view value) {
  RowReader reader(value);
  MembershipRow row;
  row.user = user;
  row.conversation = conversation;
  const std::uint8_t flags = reader.flags(kActive | kWithHistory);
  row.active = (flags & kActive) != 0;
  row.with_history = (flags & kWithHistory) != 0;
  row.version = reader.id<Version>();
  if (!reader.done()) return malformed("membership");
  return row;
}

std::string encode_message(const Message& message) {
  std::string value = begin_value(64 + message.content.size() + message.client_id.size());
  const bool created_differs = message.created_at != time_of(message.version);
  const std::string extras = encode_extras(message);
  put_byte(value, flag_if(message.reply_to.has_value(), kHasReplyTo) |
                      flag_if(message.timestamp.has_value(), kHasTimestamp) |
                      flag_if(message.edited_at.has_value(), kHasEdited) |
                      flag_if(message.deleted, kDeleted) | flag_if(created_differs, kHasCreated) |
                      flag_if(message.changed.has_value(), kHasChanged) |
                      flag_if(!extras.empty(), kHasExtras));
  put_enum(value, message.kind);
  put_id(value, message.sender);
  put_id(value, message.version);
  put_text(value, message.client_id);
  put_text(value, message.content);
  if (message.reply_to) put_seq(value, *message.reply_to);
  if (message.timestamp) put_time(value, *message.timestamp);
  if (message.edited_at) put_time(value, *message.edited_at);
  if (created_differs) put_time(value, message.created_at);
  if (message.changed) put_id(value, *message.changed);
  if (!extras.empty()) put_text(value, extras);
  put_fixed64(value, checksum(message.id, value));
  return value;
}

Result<Message> decode_message(const MessageId& id, std::string_view value) {
  if (value.size() <= kChecksumBytes) return malformed("message");
  const std::string_view fields = value.substr(0, value.size() - kChecksumBytes);
  if (ByteReader(value.substr(fields.size())).fixed64() != checksum(id, fields)) {
    return fail(Code::corrupt, "stored message " + to_string(id) + " does not match its checksum");
  }
  RowReader reader(fields);
  Message message;
  message.id = id;
  const std::uint8_t flags = reader.flags(kHasReplyTo | kHasTimestamp | kHasEdited | kDeleted |
                                          kHasCreated | kHasChanged | kHasExtras);
  message.kind = reader.enumeration(MessageKind::encrypted);
  message.sender = reader.id<UserId>();
  message.version = reader.id<Version>();
  message.client_id = reader.text();
  message.content = reader.text();
  if ((flags & kHasReplyTo) != 0) message.reply_to = reader.seq();
  if ((flags & kHasTimestamp) != 0) message.timestamp = reader.time();
  if ((flags & kHasEdited) != 0) message.edited_at = reader.time();
  message.created_at = (flags & kHasCreated) != 0 ? reader.time() : time_of(message.version);
  if ((flags & kHasChanged) != 0) message.changed = reader.id<Version>();
  message.deleted = (flags & kDeleted) != 0;
  if ((flags & kHasExtras) != 0) MSG_CHECK(decode_extras(reader.text_view(), message));
  if (!reader.done()) return malformed("message");
  return message;
}

std::string encode_revisions(const RevisionsRow& row) {
  const std::string text = msg::encode_revisions(row);
  std::string value = begin_value(16 + text.size());
  put_text(value, text);
  put_fixed64(value, checksum(row.message, value));
  return value;
}

Result<RevisionsRow> decode_revisions(const MessageId& id, std::string_view value) {
  if (value.size() <= kChecksumBytes) return malformed("history of edits");
  const std::string_view fields = value.substr(0, value.size() - kChecksumBytes);
  RowReader reader(fields);
  const std::string_view text = reader.text_view();
  const bool is_whole =
      ByteReader(value.substr(fields.size())).fixed64() == checksum(id, fields) && reader.done();
  if (!is_whole) return malformed("history of edits");
  return msg::decode_revisions(id, text);
}

std::string encode_annotation(const AnnotationRow& row) {
  std::string value = begin_value(32);
  put_text(value, msg::encode_annotation(row));
  return value;
}

Result<AnnotationRow> decode_annotation(const MessageId& id, UserId user, std::string_view value) {
  RowReader reader(value);
  const std::string_view text = reader.text_view();
  if (!reader.done()) return malformed("annotation");
  return msg::decode_annotation(id, user, text);
}

std::string encode_idempotency(const IdempotencyRow& row) {
  std::string value = begin_value(24);
  value.append(reinterpret_cast<const char*>(row.request_hash.data()), row.request_hash.size());
  put_seq(value, row.seq);
  return value;
}

Result<IdempotencyRow> decode_idempotency(std::string_view value) {
  RowReader reader(value);
  IdempotencyRow row;
  row.request_hash = reader.array<16>();
  row.seq = reader.seq();
  if (!reader.done()) return malformed("idempotency entry");
  return row;
}

std::string encode_identity(const StoreIdentity& identity) {
  std::string value = begin_value(41);
  put_fixed64(value, static_cast<std::uint64_t>(identity.epoch));
  value.append(reinterpret_cast<const char*>(identity.cursor_secret.data()),
               identity.cursor_secret.size());
  return value;
}

Result<StoreIdentity> decode_identity(std::string_view value) {
  RowReader reader(value);
  StoreIdentity identity;
  identity.epoch = to_int(reader.id<Version>());
  identity.cursor_secret = reader.array<32>();
  if (!reader.done()) return malformed("identity");
  return identity;
}

std::string encode_number(std::int64_t number) {
  std::string value;
  put_fixed64(value, static_cast<std::uint64_t>(number));
  return value;
}

Result<std::int64_t> decode_number(std::string_view value) {
  ByteReader reader(value);
  const auto number = static_cast<std::int64_t>(reader.fixed64());
  if (!reader.done()) return malformed("number");
  return number;
}

}  // namespace msg::kv
