// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_records.h"

#include <functional>
#include <limits>
#include <utility>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"

namespace msg::kv {
namespace {

constexpr std::size_t kScopeBytes = 1 + kIdBytes;

/// How the keys of a table are put together; see kv_keys.h.
struct Shape {
  char letter;
  char sub;  ///< Of what belongs to a conversation, else 0.
  int ids;
  bool has_text;
};

Shape shape_of(Table table) {
  switch (table) {
    case Table::users:
      return {'u', 0, 1, false};
    case Table::phones:
      return {'p', 0, 0, true};
    case Table::usernames:
      return {'n', 0, 0, true};
    case Table::sessions:
      return {'o', 0, 2, false};
    case Table::tokens:
      return {'s', 0, 0, true};
    case Table::api_keys:
      return {'a', 0, 1, false};
    case Table::secrets:
      return {'k', 0, 0, true};
    case Table::conversations:
      return {'c', 'h', 1, false};
    case Table::directs:
      return {'d', 0, 2, false};
    case Table::members:
      return {'c', 'm', 2, false};
    case Table::changed_members:
      return {'c', 'v', 3, false};
    case Table::memberships:
      return {'m', 0, 2, false};
    case Table::messages:
      return {'c', 'q', 2, false};
    case Table::time_marks:
      return {'c', 't', 2, false};
    case Table::idempotency:
      return {'c', 'i', 2, true};
    case Table::changed_messages:
      return {'c', 'x', 2, false};
    case Table::revisions:
      return {'c', 'r', 2, false};
    case Table::annotations:
      return {'c', 'a', 3, false};
    case Table::side_records:
      return {'r', 0, 2, true};
    case Table::expiries:
      return {'e', 0, 3, true};
  }
  return {};
}

std::string conversation_start(std::int64_t conversation, char sub) {
  std::string key = head_key(ConversationId{conversation});
  key.back() = sub;
  return key;
}

std::optional<RecordKey> parse_key(const Shape& shape, std::string_view key) {
  RecordKey parsed;
  std::size_t at = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.ids); ++i) {
    if (key.size() < at + kIdBytes) return std::nullopt;
    at += kIdBytes;
    parsed.ids.at(i) = *last_id(key.substr(0, at));
    if (i == 0 && shape.sub != 0) ++at;
  }
  parsed.text = key.substr(std::min(at, key.size()));
  if (!shape.has_text && !parsed.text.empty()) return std::nullopt;
  return parsed;
}

template <class T>
Result<Record> record_of(const RecordKey& key, Result<T> row) {
  if (row) return Record{key, *std::move(row)};
  return Record{key, Unreadable{row.error().detail}};
}

template <class T>
Result<Stamped<T>> stamped(Result<T> row) {
  if (!row) return std::unexpected(std::move(row).error());
  return Stamped<T>{.row = *std::move(row), .writer = 0};
}

template <class Entry>
Result<Entry> number_entry(std::string_view value) {
  MSG_TRY(const std::int64_t number, decode_number(value));
  if constexpr (std::is_same_v<Entry, TimeMark> || std::is_same_v<Entry, ChangedMessage>) {
    return Entry{.seq = Seq{number}, .writer = 0};
  } else if constexpr (std::is_same_v<Entry, DirectEntry>) {
    return Entry{ConversationId{number}};
  } else {
    return Entry{UserId{number}};
  }
}

Result<SessionRow> decode_session_row(std::string_view value) {
  MSG_TRY(const HashedRow hashed, decode_hashed(value));
  MSG_TRY(Session session, decode_session(hashed.row));
  return SessionRow{.session = std::move(session), .token = hashed.hash};
}

Result<ApiKeyRow> decode_api_key_row(std::string_view value) {
  MSG_TRY(const HashedRow hashed, decode_hashed(value));
  MSG_TRY(ApiKey key, decode_api_key(hashed.row));
  return ApiKeyRow{.key = std::move(key), .secret = hashed.hash};
}

Result<TokenEntry> decode_token(std::string_view value) {
  MSG_TRY(const Session session, decode_session(value));
  return TokenEntry{.user = session.user, .session = session.id};
}

Result<SecretEntry> decode_secret(std::string_view value) {
  MSG_TRY(const ApiKey key, decode_api_key(value));
  return SecretEntry{key.id};
}

Result<Record> decode(Table table, const RecordKey& key, std::string_view value) {
  const ConversationId conversation{key.ids[0]};
  const UserId user{key.ids[0]};
  switch (table) {
    case Table::users:
      return record_of(key, decode_user(user, value));
    case Table::phones:
      return record_of(key, number_entry<PhoneEntry>(value));
    case Table::usernames:
      return record_of(key, number_entry<UsernameEntry>(value));
    case Table::sessions:
      return record_of(key, decode_session_row(value));
    case Table::tokens:
      return record_of(key, decode_token(value));
    case Table::api_keys:
      return record_of(key, decode_api_key_row(value));
    case Table::secrets:
      return record_of(key, decode_secret(value));
    case Table::conversations:
      return record_of(key, stamped(decode_conversation(conversation, value)));
    case Table::directs:
      return record_of(key, number_entry<DirectEntry>(value));
    case Table::members:
      return record_of(key, stamped(decode_member(conversation, UserId{key.ids[1]}, value)));
    case Table::changed_members:
      return Record{key, ChangedMember{}};
    case Table::memberships:
      return record_of(key, stamped(decode_membership(user, ConversationId{key.ids[1]}, value)));
    case Table::messages:
      return record_of(key, stamped(decode_message({conversation, Seq{key.ids[1]}}, value)));
    case Table::time_marks:
      return record_of(key, number_entry<TimeMark>(value));
    case Table::idempotency:
      return record_of(key, decode_idempotency(value));
    case Table::changed_messages:
      return record_of(key, number_entry<ChangedMessage>(value));
    case Table::revisions:
      return record_of(key, kv::decode_revisions({conversation, Seq{key.ids[1]}}, value));
    case Table::annotations:
      return record_of(
          key, kv::decode_annotation({conversation, Seq{key.ids[1]}}, UserId{key.ids[2]}, value));
    case Table::side_records:
      return record_of(key, decode_side_record(SideKind{key.ids[0]}, key.ids[1], key.text, value));
    case Table::expiries:
      return Record{key, ExpiryEntry{}};
  }
  return fail(Code::corrupt, "there is no such table");
}

/// Collects the records of one table out of what a scan passes.
class Collector {
 public:
  Collector(Table table, const ScanLimit& limit)
      : table_(table), shape_(shape_of(table)), limit_(limit) {}

  bool visit(std::string_view key, std::string_view value) {
    if (shape_.sub != 0 && !is_in_table(key)) return false;
    const auto place = parse_key(shape_, key);
    Result<Record> record = fail(
        Code::corrupt, "a stored key of the " + std::string(name_of(table_)) + " is malformed");
    if (place) record = decode(table_, *place, value);
    if (!record) {
      error_ = std::move(record).error();
      return false;
    }
    bytes_ += size_of(*record);
    records_.push_back(*std::move(record));
    return records_.size() < static_cast<std::size_t>(limit_.rows) && bytes_ < limit_.bytes;
  }

  std::optional<std::string> take_jump() { return std::exchange(jump_, std::nullopt); }
  Result<std::vector<Record>> take() {
    if (error_) return std::unexpected(*std::move(error_));
    return std::move(records_);
  }

 private:
  /// Else says where to go on.
  bool is_in_table(std::string_view key) {
    if (key.size() <= kScopeBytes) {  // of nothing that we know
      jump_ = std::string(key) + '\0';
      return false;
    }
    const char sub = key[kScopeBytes];
    if (sub == shape_.sub) return true;
    const std::int64_t conversation = *last_id(key.substr(0, kScopeBytes));
    if (sub < shape_.sub) {
      jump_ = conversation_start(conversation, shape_.sub);
    } else if (conversation < std::numeric_limits<std::int64_t>::max()) {
      jump_ = conversation_start(conversation + 1, shape_.sub);
    }
    return false;
  }

  Table table_;
  Shape shape_;
  ScanLimit limit_;
  std::vector<Record> records_;
  std::size_t bytes_ = 0;
  std::optional<std::string> jump_;
  std::optional<Error> error_;
};

}  // namespace

std::string entry_key(Table table, const RecordKey& key) {
  const auto id = [&](std::size_t i) { return key.ids.at(i); };
  const Shape shape = shape_of(table);
  if (shape.ids == 0) return shape.letter + key.text;
  std::string entry;
  if (shape.sub != 0) {
    entry = conversation_start(id(0), shape.sub);
  } else {
    entry = user_key(UserId{id(0)});
    entry.front() = shape.letter;
  }
  for (std::size_t i = 1; i < static_cast<std::size_t>(shape.ids); ++i) {
    entry += std::string_view(user_key(UserId{id(i)})).substr(1);
  }
  return entry + key.text;
}

Result<std::vector<Record>> scan_records(KvView& view, Table table, const RecordKey& after,
                                         const ScanLimit& limit) {
  Collector collector(table, limit);
  const std::string end(1, static_cast<char>(shape_of(table).letter + 1));
  std::optional<std::string> begin = entry_key(table, after) + '\0';
  const auto visit = [&](std::string_view key, std::string_view value) {
    return collector.visit(key, value);
  };
  while (begin && *begin < end) {
    MSG_CHECK(view.scan({.begin = *begin, .end = end}, KvDirection::forward, std::ref(visit)));
    begin = collector.take_jump();
  }
  return collector.take();
}

}  // namespace msg::kv
