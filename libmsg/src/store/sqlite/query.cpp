// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/query.h"

#include <utility>

#include "store/sqlite/connection.h"

namespace msg::sqlite {

Query::Query(Query&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_),
      bind_result_(other.bind_result_) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);  // Its result repeats that of the last step.
  if (bound_ > 0) sqlite3_clear_bindings(statement_);
}

Result<bool> Query::step() {
  const int result = bind_result_ == SQLITE_OK ? sqlite3_step(statement_) : bind_result_;
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return std::unexpected(connection_->note_failure(result));
}

Result<void> Query::run() {
  for (;;) {
    MSG_TRY(const bool row, step());
    if (!row) return {};
  }
}

std::string_view Query::text(int column) const {
  // The pointer first: asking for it may convert the value, which changes its size.
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const unsigned char> Query::blob(int column) const {
  const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Query::bind_next(std::int64_t value) {
  note(sqlite3_bind_int64(statement_, ++bound_, value));
}

// A null pointer would bind NULL: an empty view has to point somewhere. The destructor argument
// nullptr is SQLITE_STATIC: no copy is made.
void Query::bind_next(std::string_view value) {
  const char* bytes = value.empty() ? "" : value.data();
  note(sqlite3_bind_text64(statement_, ++bound_, bytes, value.size(), nullptr, SQLITE_UTF8));
}

void Query::bind_next(const Blob& value) {
  const void* bytes = value.bytes.empty() ? static_cast<const void*>("") : value.bytes.data();
  note(sqlite3_bind_blob64(statement_, ++bound_, bytes, value.bytes.size(), nullptr));
}

void Query::note(int bind_result) {
  if (bind_result_ == SQLITE_OK) bind_result_ = bind_result;
}

}  // namespace msg::sqlite
