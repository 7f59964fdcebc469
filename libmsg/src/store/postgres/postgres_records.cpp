// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_records.h"

#include <algorithm>

#include "store/postgres/postgres_rows.h"

namespace msg::postgres {
namespace {

/// A message is at most 64 KiB unless limits were raised, so a page is at most 16 MiB.
constexpr int kMessagesMax = 256;

RecordKey id_key(const Rows& rows, int row, int count) {
  RecordKey key;
  for (int i = 0; i < count; ++i) key.ids.at(static_cast<std::size_t>(i)) = rows.integer(row, i);
  return key;
}

RecordKey text_key(const Rows& rows, int row) {
  return {.ids = {}, .text = std::string(rows.bytes(row, 0))};
}

RecordKey bytes_key(const Rows& rows, int row, int ids) {
  RecordKey key = id_key(rows, row, ids);
  key.text = rows.bytes(row, ids);
  return key;
}

template <class Row>
Record record_of(RecordKey key, Result<Row> row) {
  if (!row) return {std::move(key), Unreadable{row.error().detail}};
  return {std::move(key), *std::move(row)};
}

/// Of a row whose last column is the writer.
template <class Row>
Record stamped_record(RecordKey key, Columns& columns, Result<Row> (*read)(Columns&)) {
  auto row = read(columns);
  if (!row) return {std::move(key), Unreadable{row.error().detail}};
  const auto writer = static_cast<std::size_t>(columns.integer());
  if (writer >= kWritersMax) return {std::move(key), Unreadable{"unknown writer"}};
  return {std::move(key), Stamped<Row>{.row = *std::move(row), .writer = writer}};
}

Result<TokenHash> read_hash(std::string_view bytes) {
  TokenHash hash{};
  if (bytes.size() != hash.size()) {
    return fail(Code::corrupt, "a hash of " + std::to_string(bytes.size()) + " bytes");
  }
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<SessionRow> read_session_row(Columns& columns) {
  SessionRow row;
  row.session.user = columns.id<UserId>();
  row.session.id = columns.id<SessionId>();
  MSG_TRY(row.token, read_hash(columns.bytes()));
  row.session.device_name = columns.text();
  row.session.created_at = columns.time();
  row.session.last_seen_at = std::max(row.session.created_at, columns.time());
  return row;
}

Result<ApiKeyRow> read_api_key_row(Columns& columns) {
  ApiKeyRow row;
  row.key.id = columns.id<ApiKeyId>();
  MSG_TRY(row.secret, read_hash(columns.bytes()));
  row.key.name = columns.text();
  row.key.created_at = columns.time();
  row.key.scopes = KeyScopes::of_bits(columns.integer());
  return row;
}

Record time_mark_record(const Rows& rows, int row) {
  const auto writer = static_cast<std::size_t>(rows.integer(row, 3));
  if (writer >= kWritersMax) return {id_key(rows, row, 2), Unreadable{"unknown writer"}};
  return {id_key(rows, row, 2), TimeMark{.seq = Seq{rows.integer(row, 2)}, .writer = writer}};
}

Record changed_message_record(const Rows& rows, int row) {
  const auto writer = static_cast<std::size_t>(rows.integer(row, 3));
  if (writer >= kWritersMax) return {id_key(rows, row, 2), Unreadable{"unknown writer"}};
  return {id_key(rows, row, 2), ChangedMessage{.seq = Seq{rows.integer(row, 2)}, .writer = writer}};
}

Record idempotency_record(const Rows& rows, int row) {
  Columns columns(rows, row, 3);
  return record_of(bytes_key(rows, row, 2), read_idempotency(columns));
}

Record read_record(Table table, const Rows& rows, int row) {
  Columns columns(rows, row);
  const auto id = [&](int column) { return rows.integer(row, column); };
  switch (table) {
    case Table::users:
      return record_of(id_key(rows, row, 1), read_user(columns));
    case Table::phones:
      return {text_key(rows, row), PhoneEntry{UserId{id(1)}}};
    case Table::usernames:
      return {text_key(rows, row), UsernameEntry{UserId{id(1)}}};
    case Table::sessions:
      return record_of(id_key(rows, row, 2), read_session_row(columns));
    case Table::tokens:
      return {text_key(rows, row), TokenEntry{UserId{id(1)}, SessionId{id(2)}}};
    case Table::api_keys:
      return record_of(id_key(rows, row, 1), read_api_key_row(columns));
    case Table::secrets:
      return {text_key(rows, row), SecretEntry{ApiKeyId{id(1)}}};
    case Table::conversations:
      return stamped_record(id_key(rows, row, 1), columns, read_conversation);
    case Table::directs:
      return {id_key(rows, row, 2), DirectEntry{ConversationId{id(2)}}};
    case Table::members:
      return stamped_record(id_key(rows, row, 2), columns, read_member);
    case Table::changed_members:
      return {id_key(rows, row, 3), ChangedMember{}};
    case Table::memberships:
      return stamped_record(id_key(rows, row, 2), columns, read_membership);
    case Table::messages:
      return stamped_record(id_key(rows, row, 2), columns, read_message);
    case Table::time_marks:
      return time_mark_record(rows, row);
    case Table::idempotency:
      return idempotency_record(rows, row);
    case Table::changed_messages:
      return changed_message_record(rows, row);
    case Table::revisions:
      return record_of(id_key(rows, row, 2), read_revisions(columns));
    case Table::annotations:
      return record_of(id_key(rows, row, 3), read_annotation(columns));
    case Table::side_records:
      return record_of(bytes_key(rows, row, 2), read_side_record(columns));
    case Table::expiries:
      return {bytes_key(rows, row, 3), ExpiryEntry{}};
  }
  return {};
}

}  // namespace

Sql scan_statement(Table table) {
  return static_cast<Sql>(static_cast<std::size_t>(Sql::scan_users) +
                          static_cast<std::size_t>(table));
}

Params scan_params(Table table, const RecordKey& after, const ScanLimit& limit) {
  const auto& [ids, text] = after;
  switch (table) {
    case Table::users:
    case Table::api_keys:
    case Table::conversations:
      return Params(ids[0], limit.rows);
    case Table::phones:
    case Table::usernames:
      return Params(text, limit.rows);
    case Table::tokens:
    case Table::secrets:
      return Params(Bytes(text), limit.rows);
    case Table::messages:
    case Table::revisions:
      return Params(ids[0], ids[1], std::min(limit.rows, kMessagesMax));
    case Table::sessions:
    case Table::directs:
    case Table::members:
    case Table::memberships:
    case Table::time_marks:
    case Table::changed_messages:
      return Params(ids[0], ids[1], limit.rows);
    case Table::changed_members:
    case Table::annotations:
      return Params(ids[0], ids[1], ids[2], limit.rows);
    case Table::idempotency:
      return Params(ids[0], ids[1], text, limit.rows);
    case Table::side_records:
      return Params(ids[0], ids[1], Bytes(text), limit.rows);
    case Table::expiries:
      return Params(ids[0], ids[1], ids[2], Bytes(text), limit.rows);
  }
  return {};
}

Result<std::vector<Record>> read_records(Table table, const Rows& rows) {
  std::vector<Record> records;
  records.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) records.push_back(read_record(table, rows, row));
  return records;
}

}  // namespace msg::postgres
