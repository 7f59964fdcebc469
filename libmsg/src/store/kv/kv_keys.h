// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "msg/types.h"
#include "store/kv/kv_engine.h"
#include "store/rows.h"
#include "store/side_record.h"

/// The order of everything in a key/value store. It is a disk format: what is here never changes
/// its meaning, new tables take new letters.
///
///     key    = "a" api_key                             hash ApiKey
///            | "c" conversation of_conversation        of one conversation, side by side
///            | "d" user user                           conversation: direct, lower user first
///            | "e" time kind owner key                 nothing: side record by its expiry
///            | "k" hash                                ApiKey
///            | "l" writer version                      tag: life of a writer, from then on
///            | "m" user conversation                   MembershipRow
///            | "n" username                            user
///            | "o" user session                        hash Session
///            | "p" phone                               user
///            | "r" kind owner key                      SideRecord
///            | "s" hash                                Session
///            | "u" user                                User
///            | "z" name                                what concerns the store as a whole
///     of_conversation
///            = "a" seq user                            AnnotationRow
///            | "h"                                     ConversationRow: the head
///            | "i" user client_id                      IdempotencyRow
///            | "m" user                                MemberRow
///            | "q" seq                                 Message
///            | "r" seq                                 RevisionsRow
///            | "t" version                             seq: time mark
///            | "v" version user                        nothing: member changed by version
///            | "w" version                             writer: of the versions from this one on,
///                                                      in copies of stores with several writers
///            | "x" version                             seq: message changed by version
///     user, conversation, session, api_key, seq, version, writer,
///     time (milliseconds since 1970), kind, owner
///            = 8 bytes, highest first, sign bit flipped: their order is the order of the numbers
///     hash   = 32 bytes
///     username, phone, client_id, name, key = bytes up to the end of the key
///
/// Whatever is listed together lies together, so each list is one seek and a scan. Scopes ("c"
/// and the id, "m" and the user, "o" and the user: 9 bytes) lead, so an engine can place, filter
/// and one day move a conversation or a user as a whole.
///
/// Thread safety: pure functions.
namespace msg::kv {

inline constexpr std::size_t kIdBytes = 8;  ///< Of an id within a key.

std::string user_key(UserId user);
std::string phone_key(std::string_view phone);
std::string username_key(std::string_view username);
std::string membership_key(UserId user, ConversationId conversation);
std::string direct_key(UserId low, UserId high);
std::string session_key(const TokenHash& token);
std::string user_session_key(UserId user, SessionId session);
std::string secret_key(const TokenHash& secret);
std::string api_key_key(ApiKeyId key);
std::string meta_key(std::string_view name);
std::string life_key(std::size_t writer, Version from);

std::string side_key(SideKind kind, std::int64_t owner, std::string_view key);
std::string expiry_key(Time expires_at, SideKind kind, std::int64_t owner, std::string_view key);

std::string head_key(ConversationId conversation);
std::string idempotency_key(ConversationId conversation, UserId sender, std::string_view client_id);
std::string member_key(ConversationId conversation, UserId user);
std::string message_key(ConversationId conversation, Seq seq);
std::string time_mark_key(ConversationId conversation, Version version);
std::string changed_member_key(ConversationId conversation, Version version, UserId user);
std::string revisions_key(const MessageId& id);
std::string annotation_key(const MessageId& id, UserId user);
std::string changed_message_key(ConversationId conversation, Version version);
std::string writer_run_key(ConversationId conversation, Version from);

// Ranges, for scans in either direction. A range may come out empty (begin >= end). ---------------
KvRange users_after(UserId after);
KvRange memberships_after(UserId user, ConversationId after);
KvRange user_sessions(UserId user);
KvRange api_keys();
KvRange all_lives();
/// Of those that began below this version.
KvRange lives_before(std::size_t writer, Version version);
KvRange members_after(ConversationId conversation, UserId after);
/// Strictly above `after`, whatever the user.
KvRange members_changed_after(ConversationId conversation, Version after);
KvRange messages_changed_after(ConversationId conversation, Version after);
KvRange annotations_after(const MessageId& id, UserId after);
KvRange side_records_after(SideKind kind, std::int64_t owner, std::string_view after);
/// At this time and before.
KvRange expiries_up_to(Time time);
/// Both ends included.
KvRange messages_between(ConversationId conversation, Seq from, Seq to);
/// Of this version and below.
KvRange time_marks_up_to(ConversationId conversation, Version version);
KvRange writer_runs_up_to(ConversationId conversation, Version version);

/// The last id of a key that ends in one: the user of a member_key, the seq of a message_key.
/// Nothing when the key is too short to hold it.
std::optional<std::int64_t> last_id(std::string_view key);
/// What names a side record: the end of its key, and of that of its expiry entry.
struct SideName {
  SideKind kind{};
  std::int64_t owner{};
  std::string key;
};
std::optional<SideName> side_name(std::string_view side_key);
std::optional<SideName> expired_name(std::string_view expiry_key);
/// The id behind the letter.
std::optional<std::int64_t> first_id(std::string_view key);

}  // namespace msg::kv
