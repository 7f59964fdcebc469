// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_records.h"

#include <algorithm>

#include "store/sqlite/sqlite_rows.h"

namespace msg::sqlite {
namespace {

std::string bytes_of(std::span<const unsigned char> blob) {
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}

RecordKey id_key(const Query& query, int count) {
  RecordKey key;
  for (int i = 0; i < count; ++i) key.ids.at(static_cast<std::size_t>(i)) = query.integer(i);
  return key;
}

template <class Row>
Record record_of(RecordKey key, Result<Row> row) {
  if (!row) return {std::move(key), Unreadable{row.error().detail}};
  return {std::move(key), *std::move(row)};
}

template <class Row>
Record stamped_record(RecordKey key, Result<Row> row) {
  if (!row) return {std::move(key), Unreadable{row.error().detail}};
  return {std::move(key), Stamped<Row>{.row = *std::move(row), .writer = 0}};
}

Result<TokenHash> read_hash(std::span<const unsigned char> blob) {
  TokenHash hash{};
  if (blob.size() != hash.size()) {
    return fail(Code::corrupt, "a hash of " + std::to_string(blob.size()) + " bytes");
  }
  std::ranges::copy(blob, hash.begin());
  return hash;
}

Result<SessionRow> read_session_row(const Query& query) {
  MSG_TRY(const TokenHash token, read_hash(query.blob(2)));
  return SessionRow{.session = {.id = SessionId{query.integer(1)},
                                .user = UserId{query.integer(0)},
                                .device_name = std::string(query.text(3)),
                                .created_at = Time{std::chrono::milliseconds{query.integer(4)}},
                                .last_seen_at = Time{std::chrono::milliseconds{
                                    std::max(query.integer(4), query.integer(5))}}},
                    .token = token};
}

Result<ApiKeyRow> read_api_key_row(const Query& query) {
  MSG_TRY(const TokenHash secret, read_hash(query.blob(1)));
  return ApiKeyRow{.key = {.id = ApiKeyId{query.integer(0)},
                           .name = std::string(query.text(2)),
                           .created_at = Time{std::chrono::milliseconds{query.integer(3)}},
                           .scopes = KeyScopes::of_bits(query.integer(4))},
                   .secret = secret};
}

Record idempotency_record(const Query& query) {
  RecordKey key = id_key(query, 2);
  key.text = query.text(2);
  return record_of(std::move(key), read_idempotency(query, 3));
}

Record side_record(const Query& query) {
  RecordKey key = id_key(query, 2);
  key.text = bytes_of(query.blob(2));
  return record_of(std::move(key), read_side_record(query));
}

Record read_record(Table table, const Query& query) {
  switch (table) {
    case Table::users:
      return record_of(id_key(query, 1), read_user(query));
    case Table::phones:
      return {{.ids = {}, .text = std::string(query.text(0))},
              PhoneEntry{UserId{query.integer(1)}}};
    case Table::usernames:
      return {{.ids = {}, .text = std::string(query.text(0))},
              UsernameEntry{UserId{query.integer(1)}}};
    case Table::sessions:
      return record_of(id_key(query, 2), read_session_row(query));
    case Table::tokens:
      return {{.ids = {}, .text = bytes_of(query.blob(0))},
              TokenEntry{UserId{query.integer(1)}, SessionId{query.integer(2)}}};
    case Table::api_keys:
      return record_of(id_key(query, 1), read_api_key_row(query));
    case Table::secrets:
      return {{.ids = {}, .text = bytes_of(query.blob(0))},
              SecretEntry{ApiKeyId{query.integer(1)}}};
    case Table::conversations:
      return stamped_record(id_key(query, 1), read_conversation(query));
    case Table::directs:
      return {id_key(query, 2), DirectEntry{ConversationId{query.integer(2)}}};
    case Table::members:
      return stamped_record(id_key(query, 2), read_member(query));
    case Table::changed_members:
      return {id_key(query, 3), ChangedMember{}};
    case Table::memberships:
      return stamped_record(id_key(query, 2), read_membership(query));
    case Table::messages:
      return stamped_record(id_key(query, 2), read_message(query));
    case Table::time_marks:
      return {id_key(query, 2), TimeMark{.seq = Seq{query.integer(2)}, .writer = 0}};
    case Table::idempotency:
      return idempotency_record(query);
    case Table::changed_messages:
      return {id_key(query, 2), ChangedMessage{.seq = Seq{query.integer(2)}, .writer = 0}};
    case Table::revisions:
      return record_of(id_key(query, 2), read_revisions(query));
    case Table::annotations:
      return record_of(id_key(query, 3), read_annotation(query));
    case Table::side_records:
      return side_record(query);
    case Table::expiries: {
      RecordKey key = id_key(query, 3);
      key.text = bytes_of(query.blob(3));
      return {std::move(key), ExpiryEntry{}};
    }
  }
  return {};
}

/// Borrows `after`.
void bind_after(Query& query, Table table, const RecordKey& after, int rows) {
  const auto& [ids, text] = after;
  switch (table) {
    case Table::users:
    case Table::api_keys:
    case Table::conversations:
      query.bind(ids[0], rows);
      break;
    case Table::phones:
    case Table::usernames:
      query.bind(text, rows);
      break;
    case Table::tokens:
    case Table::secrets:
      query.bind(Blob(text), rows);
      break;
    case Table::sessions:
    case Table::directs:
    case Table::members:
    case Table::memberships:
    case Table::messages:
    case Table::time_marks:
    case Table::changed_messages:
    case Table::revisions:
      query.bind(ids[0], ids[1], rows);
      break;
    case Table::changed_members:
    case Table::annotations:
      query.bind(ids[0], ids[1], ids[2], rows);
      break;
    case Table::idempotency:
      query.bind(ids[0], ids[1], text, rows);
      break;
    case Table::side_records:
      query.bind(ids[0], ids[1], Blob(text), rows);
      break;
    case Table::expiries:
      query.bind(ids[0], ids[1], ids[2], Blob(text), rows);
      break;
  }
}

}  // namespace

Result<std::vector<Record>> scan_records(Connection& connection, Table table,
                                         const RecordKey& after, const ScanLimit& limit) {
  const auto statement =
      static_cast<std::size_t>(Sql::scan_users) + static_cast<std::size_t>(table);
  MSG_TRY(Query query, connection.use(static_cast<Sql>(statement)));
  bind_after(query, table, after, limit.rows);
  std::vector<Record> records;
  for (std::size_t bytes = 0; bytes < limit.bytes;) {
    MSG_TRY(const bool found, query.step());
    if (!found) break;
    records.push_back(read_record(table, query));
    bytes += size_of(records.back());
  }
  return records;
}

Result<std::shared_ptr<const Horizon>> read_origin(Connection& connection) {
  MSG_TRY(Query query, connection.use(Sql::origin));
  Horizon origin;
  bool is_copy = false;
  while (true) {
    MSG_TRY(const bool found, query.step());
    if (!found) break;
    const auto writer = static_cast<std::size_t>(query.integer(0));
    if (writer >= kWritersMax) return fail(Code::corrupt, "unknown writer");
    origin.up_to.at(writer) = Version{query.integer(1)};
    is_copy = true;
  }
  if (!is_copy) return nullptr;
  return std::make_shared<const Horizon>(origin);
}

Result<WriterRun> read_writer_run(const Query& query) {
  const auto writer = static_cast<std::size_t>(query.integer(1));
  if (writer >= kWritersMax) return fail(Code::corrupt, "unknown writer");
  return WriterRun{.conversation = {}, .from = Version{query.integer(0)}, .writer = writer};
}

Result<std::string> read_import_state(Connection& connection) {
  MSG_TRY(Query query, connection.use(Sql::import_state));
  MSG_TRY(const bool found, query.step());
  return found ? bytes_of(query.blob(0)) : std::string();
}

}  // namespace msg::sqlite
