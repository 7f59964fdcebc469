// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>

#include "msg/types.h"
#include "store/rows.h"
#include "store/side_record.h"

/// All that a store holds, as every store can give and take it: tables of records, each in the
/// order of its key. Copying, comparing and checking whole stores is done in these terms.
namespace msg {

/// In an order in which a store can be filled. Those marked "way" lead to the rows of another
/// table: whoever puts the row puts them along.
enum class Table {
  users,
  phones,     ///< Way: from a phone number to its user.
  usernames,  ///< Way.
  sessions,
  tokens,  ///< Way: from a token's hash to its session.
  api_keys,
  secrets,  ///< Way: from a secret's hash to its key.
  conversations,
  directs,  ///< Way: from two users to their conversation.
  members,
  changed_members,  ///< Way: from a version to the member it stands in.
  memberships,
  messages,
  time_marks,  ///< Way: from a version to every kTimeMarkInterval-th message.
  idempotency,
  changed_messages,  ///< From a version to the message that changed last then.
  revisions,
  annotations,
  side_records,
  expiries,  ///< Way: from a time to the side record that expires then.
};
inline constexpr std::size_t kTables = 20;
/// For people: "users", "time marks".
std::string_view name_of(Table table);
/// Whether its rows come with those of another table.
bool is_way(Table table);

/// Where a record stands in its table: by the ids, then by the bytes of the text.
///
///     users, conversations, api_keys   id
///     sessions                         user session
///     directs                          user user, the lower first
///     members                          conversation user
///     changed_members                  conversation version user
///     memberships                      user conversation
///     messages                         conversation seq
///     time_marks                       conversation version
///     idempotency                      conversation user, client_id as text
///     changed_messages                 conversation version
///     revisions                        conversation seq
///     annotations                      conversation seq user
///     side_records                     kind owner, key as text
///     expiries                         time kind owner, key as text
///     phones, usernames                the text
///     tokens, secrets                  the hash as text
struct RecordKey {
  static constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  std::array<std::int64_t, 3> ids{};
  std::string text{};
  auto operator<=>(const RecordKey&) const = default;

  /// Before all records.
  static RecordKey first() { return {.ids = {kMin, kMin, kMin}, .text = {}}; }
};

/// A row with the place in a Horizon of the process that gave it its version.
template <class Row>
struct Stamped {
  Row row;
  std::size_t writer{0};
  bool operator==(const Stamped&) const = default;
};

struct PhoneEntry {
  UserId user{};
  bool operator==(const PhoneEntry&) const = default;
};
struct UsernameEntry {
  UserId user{};
  bool operator==(const UsernameEntry&) const = default;
};
struct SessionRow {
  Session session;
  TokenHash token{};
  bool operator==(const SessionRow&) const = default;
};
struct TokenEntry {
  UserId user{};
  SessionId session{};
  bool operator==(const TokenEntry&) const = default;
};
struct ApiKeyRow {
  ApiKey key;
  TokenHash secret{};
  bool operator==(const ApiKeyRow&) const = default;
};
struct SecretEntry {
  ApiKeyId key{};
  bool operator==(const SecretEntry&) const = default;
};
struct DirectEntry {
  ConversationId conversation{};
  bool operator==(const DirectEntry&) const = default;
};
struct ChangedMember {
  bool operator==(const ChangedMember&) const = default;
};
struct TimeMark {
  Seq seq{};
  std::size_t writer{0};
  bool operator==(const TimeMark&) const = default;
};
struct ChangedMessage {
  Seq seq{};
  std::size_t writer{0};  ///< Of the version.
  bool operator==(const ChangedMessage&) const = default;
};
struct ExpiryEntry {
  bool operator==(const ExpiryEntry&) const = default;
};
/// A row that is there and cannot be understood.
struct Unreadable {
  std::string why;
  bool operator==(const Unreadable&) const = default;
};

/// What the key says stands in the key alone, except in rows that carry it anyway.
struct Record {
  RecordKey key;
  std::variant<User, PhoneEntry, UsernameEntry, SessionRow, TokenEntry, ApiKeyRow, SecretEntry,
               Stamped<ConversationRow>, DirectEntry, Stamped<MemberRow>, ChangedMember,
               Stamped<MembershipRow>, Stamped<Message>, TimeMark, IdempotencyRow, ChangedMessage,
               RevisionsRow, AnnotationRow, SideRecord, ExpiryEntry, Unreadable>
      row;
  bool operator==(const Record&) const = default;
};

/// About how many bytes it holds.
std::size_t size_of(const Record& record);

/// How much comes at once: a page ends with the row that reaches either bound.
struct ScanLimit {
  int rows = 1024;
  std::size_t bytes = std::size_t{1} << 20;
};

// Keys of rows that carry their ids. -----------------------------------------------------------
RecordKey key_of(const User& row);
RecordKey key_of(const SessionRow& row);
RecordKey key_of(const ApiKeyRow& row);
RecordKey key_of(const ConversationRow& row);
RecordKey key_of(const MemberRow& row);
RecordKey key_of(const MembershipRow& row);
RecordKey key_of(const Message& row);
RecordKey key_of(const RevisionsRow& row);
RecordKey key_of(const AnnotationRow& row);
RecordKey key_of(const SideRecord& row);
RecordKey key_of_hash(const TokenHash& hash);

}  // namespace msg
