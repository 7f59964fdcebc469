// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_keys.h"

#include <limits>

#include "core/horizon.h"

namespace msg::kv {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

// Flipping the sign bit sorts negative numbers, which bounds of a range may be, before the others.
void append_id(std::string& key, std::int64_t id) {
  const std::uint64_t bits = static_cast<std::uint64_t>(id) ^ kSignBit;
  char bytes[kIdBytes];
  for (std::size_t i = 0; i < kIdBytes; ++i) {
    bytes[i] = static_cast<char>((bits >> (8 * (kIdBytes - 1 - i))) & 0xff);
  }
  key.append(bytes, kIdBytes);
}

// `size` is that of the whole key, so that it is allocated once.
std::string begin_key(char table, std::size_t size) {
  std::string key;
  key.reserve(size);
  key.push_back(table);
  return key;
}

template <class... Ids>
std::string key_of_ids(char table, Ids... ids) {
  std::string key = begin_key(table, 1 + kIdBytes * sizeof...(ids));
  (append_id(key, to_int(ids)), ...);
  return key;
}

std::string key_of_bytes(char table, std::string_view bytes) {
  std::string key = begin_key(table, 1 + bytes.size());
  key.append(bytes);
  return key;
}

std::string_view view_of(const TokenHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string conversation_key(ConversationId conversation, char table, std::size_t rest) {
  std::string key = begin_key('c', 2 + kIdBytes + rest);
  append_id(key, to_int(conversation));
  key.push_back(table);
  return key;
}

template <class... Ids>
std::string conversation_key_of_ids(ConversationId conversation, char table, Ids... ids) {
  std::string key = conversation_key(conversation, table, kIdBytes * sizeof...(ids));
  (append_id(key, to_int(ids)), ...);
  return key;
}

// The first key after `key` in the order of bytes: for a key of fixed length, strictly after it.
std::string just_after(std::string key) {
  key.push_back('\0');
  return key;
}

// Bounds of tables are made of the extreme ids, so that both lie in the scope of the range.
template <class Id>
constexpr Id kMin = Id{std::numeric_limits<std::int64_t>::min()};
template <class Id>
constexpr Id kMax = Id{std::numeric_limits<std::int64_t>::max()};

}  // namespace

std::string user_key(UserId user) {
  return key_of_ids('u', user);
}
std::string phone_key(std::string_view phone) {
  return key_of_bytes('p', phone);
}
std::string username_key(std::string_view username) {
  return key_of_bytes('n', username);
}
std::string membership_key(UserId user, ConversationId conversation) {
  return key_of_ids('m', user, conversation);
}
std::string direct_key(UserId low, UserId high) {
  return key_of_ids('d', low, high);
}
std::string session_key(const TokenHash& token) {
  return key_of_bytes('s', view_of(token));
}
std::string user_session_key(UserId user, SessionId session) {
  return key_of_ids('o', user, session);
}
std::string secret_key(const TokenHash& secret) {
  return key_of_bytes('k', view_of(secret));
}
std::string api_key_key(ApiKeyId key) {
  return key_of_ids('a', key);
}
std::string meta_key(std::string_view name) {
  return key_of_bytes('z', name);
}
std::string life_key(std::size_t writer, Version from) {
  return key_of_ids('l', UserId{static_cast<std::int64_t>(writer)}, from);
}

std::string side_key(SideKind kind, std::int64_t owner, std::string_view key) {
  std::string whole = begin_key('r', 1 + 2 * kIdBytes + key.size());
  append_id(whole, to_int(kind));
  append_id(whole, owner);
  return whole.append(key);
}
std::string expiry_key(Time expires_at, SideKind kind, std::int64_t owner, std::string_view key) {
  std::string whole = begin_key('e', 1 + 3 * kIdBytes + key.size());
  append_id(whole, expires_at.time_since_epoch().count());
  append_id(whole, to_int(kind));
  append_id(whole, owner);
  return whole.append(key);
}

std::string head_key(ConversationId conversation) {
  return conversation_key(conversation, 'h', 0);
}
std::string idempotency_key(ConversationId conversation, UserId sender,
                            std::string_view client_id) {
  std::string key = conversation_key(conversation, 'i', kIdBytes + client_id.size());
  append_id(key, to_int(sender));
  key.append(client_id);
  return key;
}
std::string member_key(ConversationId conversation, UserId user) {
  return conversation_key_of_ids(conversation, 'm', user);
}
std::string message_key(ConversationId conversation, Seq seq) {
  return conversation_key_of_ids(conversation, 'q', seq);
}
std::string time_mark_key(ConversationId conversation, Version version) {
  return conversation_key_of_ids(conversation, 't', version);
}
std::string changed_member_key(ConversationId conversation, Version version, UserId user) {
  return conversation_key_of_ids(conversation, 'v', version, user);
}
std::string revisions_key(const MessageId& id) {
  return conversation_key_of_ids(id.conversation, 'r', id.seq);
}
std::string annotation_key(const MessageId& id, UserId user) {
  return conversation_key_of_ids(id.conversation, 'a', id.seq, user);
}
std::string changed_message_key(ConversationId conversation, Version version) {
  return conversation_key_of_ids(conversation, 'x', version);
}
std::string writer_run_key(ConversationId conversation, Version from) {
  return conversation_key_of_ids(conversation, 'w', from);
}

KvRange users_after(UserId after) {
  return {.begin = just_after(user_key(after)), .end = just_after(user_key(kMax<UserId>))};
}
KvRange memberships_after(UserId user, ConversationId after) {
  return {.begin = just_after(membership_key(user, after)),
          .end = just_after(membership_key(user, kMax<ConversationId>))};
}
KvRange user_sessions(UserId user) {
  return {.begin = user_session_key(user, kMin<SessionId>),
          .end = just_after(user_session_key(user, kMax<SessionId>))};
}
KvRange api_keys() {
  return {.begin = api_key_key(kMin<ApiKeyId>), .end = just_after(api_key_key(kMax<ApiKeyId>))};
}
KvRange all_lives() {
  return {.begin = life_key(0, kMin<Version>),
          .end = just_after(life_key(kWritersMax, kMax<Version>))};
}
KvRange lives_before(std::size_t writer, Version version) {
  return {.begin = life_key(writer, kMin<Version>), .end = life_key(writer, version)};
}
KvRange members_after(ConversationId conversation, UserId after) {
  return {.begin = just_after(member_key(conversation, after)),
          .end = just_after(member_key(conversation, kMax<UserId>))};
}
KvRange members_changed_after(ConversationId conversation, Version after) {
  return {.begin = just_after(changed_member_key(conversation, after, kMax<UserId>)),
          .end = just_after(changed_member_key(conversation, kMax<Version>, kMax<UserId>))};
}
KvRange messages_changed_after(ConversationId conversation, Version after) {
  return {.begin = just_after(changed_message_key(conversation, after)),
          .end = just_after(changed_message_key(conversation, kMax<Version>))};
}
KvRange annotations_after(const MessageId& id, UserId after) {
  return {.begin = just_after(annotation_key(id, after)),
          .end = just_after(annotation_key(id, kMax<UserId>))};
}
KvRange side_records_after(SideKind kind, std::int64_t owner, std::string_view after) {
  // No key of a record has more bytes, so none of this owner is behind this end.
  const std::string last(kSideKeyMax + 1, '\xff');
  return {.begin = just_after(side_key(kind, owner, after)), .end = side_key(kind, owner, last)};
}
KvRange expiries_up_to(Time time) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  const std::string last(kSideKeyMax + 1, '\xff');
  return {
      .begin = expiry_key(Time{std::chrono::milliseconds{kFirst}}, SideKind{kFirst}, kFirst, {}),
      .end = expiry_key(time, SideKind{kLast}, kLast, last)};
}
KvRange messages_between(ConversationId conversation, Seq from, Seq to) {
  return {.begin = message_key(conversation, from),
          .end = just_after(message_key(conversation, to))};
}
KvRange time_marks_up_to(ConversationId conversation, Version version) {
  return {.begin = time_mark_key(conversation, kMin<Version>),
          .end = just_after(time_mark_key(conversation, version))};
}
KvRange writer_runs_up_to(ConversationId conversation, Version version) {
  return {.begin = writer_run_key(conversation, kMin<Version>),
          .end = just_after(writer_run_key(conversation, version))};
}

std::optional<std::int64_t> last_id(std::string_view key) {
  if (key.size() < 1 + kIdBytes) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char byte : key.substr(key.size() - kIdBytes)) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
  }
  return static_cast<std::int64_t>(bits ^ kSignBit);
}

std::optional<SideName> side_name(std::string_view side_key) {
  const auto kind = last_id(side_key.substr(0, 1 + kIdBytes));
  const auto owner = last_id(side_key.substr(0, 1 + 2 * kIdBytes));
  if (!kind || side_key.size() < 1 + 2 * kIdBytes) return std::nullopt;
  return SideName{SideKind{*kind}, *owner, std::string(side_key.substr(1 + 2 * kIdBytes))};
}

std::optional<SideName> expired_name(std::string_view expiry_key) {
  if (expiry_key.size() < 1 + kIdBytes) return std::nullopt;
  return side_name(expiry_key.substr(kIdBytes));  // whatever byte the letter is then
}

std::optional<std::int64_t> first_id(std::string_view key) {
  return last_id(key.substr(0, 1 + kIdBytes));
}

}  // namespace msg::kv
