// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "msg/status.h"
#include "msg/types.h"

namespace msg::sqlite {

class Connection;

template <class T>
concept IntegerEnum = std::is_enum_v<T> &&
                      std::same_as<std::underlying_type_t<T>, std::int64_t>;  // ids, Seq, Version

/// Bytes bound as BLOB. Borrowed, as all that is bound.
struct Blob {
  explicit Blob(std::span<const unsigned char> from) : bytes(from) {}
  explicit Blob(const std::string& from)
      : bytes(reinterpret_cast<const unsigned char*>(from.data()), from.size()) {}
  explicit Blob(std::string&&) = delete;
  std::span<const unsigned char> bytes;
};

/// One use of a prepared statement: bind, step, read columns. It gives the statement back to its
/// connection when it ends, so the same statement must not be in use twice at one time.
///
/// Bound texts and blobs are borrowed and must live as long as the Query. Column views live until
/// the next step().
///
/// Thread safety: one thread at a time, as its connection.
class Query {
 public:
  Query(Connection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Binds the parameters ?1, ?2 … in order. A failure shows in the next step().
  template <class... Values>
  Query& bind(Values&&... values) {
    static_assert((!std::same_as<Values, std::string> && ...), "a temporary would be gone by step");
    static_assert((!std::same_as<Values, std::optional<std::string>> && ...), "the same");
    (bind_next(values), ...);
    return *this;
  }

  /// True when there is a (next) row to read.
  Result<bool> step();
  /// Steps to the end, for statements without rows.
  Result<void> run();

  bool is_null(int column) const { return type(column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const;
  std::span<const unsigned char> blob(int column) const;

 private:
  int type(int column) const { return sqlite3_column_type(statement_, column); }
  void bind_next(std::int64_t value);
  void bind_next(int value) { bind_next(std::int64_t{value}); }
  void bind_next(bool value) { bind_next(std::int64_t{value}); }
  void bind_next(Time value) { bind_next(std::int64_t{value.time_since_epoch().count()}); }
  void bind_next(IntegerEnum auto value) { bind_next(to_int(value)); }
  void bind_next(std::string_view value);
  void bind_next(const std::string& value) { bind_next(std::string_view{value}); }
  void bind_next(const Blob& value);
  template <class T>
  void bind_next(const std::optional<T>& value) {
    if (value) {
      bind_next(*value);
    } else {
      ++bound_;  // What is not bound is NULL.
    }
  }
  void note(int bind_result);

  Connection* connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int bind_result_ = SQLITE_OK;
};

}  // namespace msg::sqlite
