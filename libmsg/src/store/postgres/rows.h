// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "msg/types.h"

namespace msg::postgres {

/// What one statement gave, in binary format.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_(result) {}

  int size() const { return result_ ? PQntuples(result_.get()) : 0; }
  bool empty() const { return size() == 0; }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  std::string_view bytes(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  /// Of the columns types int2, int4 and int8.
  std::int64_t integer(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// Reads the columns of a row from left to right.
class Columns {
 public:
  Columns(const Rows& rows, int row, int first = 0) : rows_(rows), row_(row), next_(first) {}

  std::int64_t integer() { return rows_.integer(row_, next_++); }
  bool flag() { return bytes() == std::string_view("\1", 1); }
  Time time() { return Time{std::chrono::milliseconds{integer()}}; }
  template <class Id>
  Id id() {
    return Id{integer()};
  }
  std::string_view bytes() { return rows_.bytes(row_, next_++); }
  std::string text() { return std::string(bytes()); }

  std::optional<std::string> optional_text() {
    return skip_null() ? std::nullopt : std::optional(text());
  }
  std::optional<bool> optional_flag() { return skip_null() ? std::nullopt : std::optional(flag()); }
  std::optional<Time> optional_time() { return skip_null() ? std::nullopt : std::optional(time()); }
  template <class Id>
  std::optional<Id> optional_id() {
    return skip_null() ? std::nullopt : std::optional(id<Id>());
  }
  std::optional<Seq> optional_seq() { return optional_id<Seq>(); }
  bool at_null() const { return rows_.is_null(row_, next_); }

 private:
  bool skip_null() {
    if (!at_null()) return false;
    ++next_;
    return true;
  }

  const Rows& rows_;
  int row_;
  int next_;
};

}  // namespace msg::postgres
