// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "msg/status.h"
#include "msg/types.h"
#include "store/rows.h"
#include "store/store.h"

/// Rows as the values of a key/value store: a disk format, whose grammar stands in the source.
///
/// What the key says is not repeated in the value, so a decoder is told it. Each decoder gives
/// back exactly the row that was encoded, or Code::corrupt: for bytes cut short, for bytes left
/// over, for an enum or flag that does not exist. Values of a later library that only appended
/// fields are read without those fields.
///
/// Thread safety: pure functions.
namespace msg::kv {

std::string encode_user(const User& user);
Result<User> decode_user(UserId id, std::string_view value);

std::string encode_conversation(const ConversationRow& row);
Result<ConversationRow> decode_conversation(ConversationId id, std::string_view value);

std::string encode_member(const MemberRow& row);
Result<MemberRow> decode_member(ConversationId conversation, UserId user, std::string_view value);

std::string encode_membership(const MembershipRow& row);
Result<MembershipRow> decode_membership(UserId user, ConversationId conversation,
                                        std::string_view value);

/// Without `state`, which is worked out for each reader. The value ends in a checksum over itself
/// and `message.id`: changed in a bit, or found under another key, it is corrupt, never another
/// message (XXH3 of 64 bits; tests/unit/kv_codec_test.cpp flips each bit).
std::string encode_message(const Message& message);
Result<Message> decode_message(const MessageId& id, std::string_view value);

/// With a checksum as well.
std::string encode_annotation(const AnnotationRow& row);
Result<AnnotationRow> decode_annotation(const MessageId& id, UserId user, std::string_view value);
std::string encode_revisions(const RevisionsRow& row);
Result<RevisionsRow> decode_revisions(const MessageId& id, std::string_view value);

std::string encode_idempotency(const IdempotencyRow& row);
Result<IdempotencyRow> decode_idempotency(std::string_view value);

std::string encode_session(const Session& session);
Result<Session> decode_session(std::string_view value);

std::string encode_api_key(const ApiKey& key);
Result<ApiKey> decode_api_key(std::string_view value);

std::string encode_identity(const StoreIdentity& identity);
Result<StoreIdentity> decode_identity(std::string_view value);

std::string encode_side_record(const SideRecord& record);
Result<SideRecord> decode_side_record(SideKind kind, std::int64_t owner, std::string_view key,
                                      std::string_view value);

/// A hash and the row that it leads to; `row` points into `value`.
struct HashedRow {
  TokenHash hash{};
  std::string_view row;
};
std::string encode_hashed(const TokenHash& hash, std::string_view row);
Result<HashedRow> decode_hashed(std::string_view value);

/// A bare id, seq or version.
std::string encode_number(std::int64_t number);
Result<std::int64_t> decode_number(std::string_view value);

}  // namespace msg::kv
