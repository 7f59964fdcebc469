// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "msg/types.h"

namespace msg::postgres {

template <class T>
concept IntegerEnum = std::is_enum_v<T> &&
                      std::same_as<std::underlying_type_t<T>, std::int64_t>;  // ids, Seq, Version

/// Bytes sent as bytea. Borrowed.
struct Bytes {
  explicit Bytes(std::span<const unsigned char> from)
      : view(reinterpret_cast<const char*>(from.data()), from.size()) {}
  explicit Bytes(std::string_view from) : view(from) {}
  std::string_view view;
};

/// Values in PostgreSQL's binary format (src/backend/utils/adt/*recv): integers are eight bytes,
/// highest first; a bool is one; text and bytea are their bytes. Statements cast their parameters
/// to the types meant here.
void put_value(std::string& out, std::int64_t value);
void put_value(std::string& out, bool value);
void put_value(std::string& out, std::string_view value);
inline void put_value(std::string& out, const std::string& value) {
  put_value(out, std::string_view(value));
}
inline void put_value(std::string& out, Bytes value) {
  put_value(out, value.view);
}
inline void put_value(std::string& out, Time value) {
  put_value(out, std::int64_t{value.time_since_epoch().count()});
}
inline void put_value(std::string& out, IntegerEnum auto value) {
  put_value(out, to_int(value));
}

/// A column of values for a statement of many rows, as a one-dimensional array.
///
/// array = dimensions:4 has_null:4 element_oid:4 size:4 lower_bound:4 element*
/// element = length:4 bytes | -1:4
class Column {
 public:
  enum class Type : std::uint32_t { boolean = 16, bytea = 17, int8 = 20, text = 25 };

  explicit Column(Type type);

  template <class T>
  Column& add(const T& value) {
    const std::size_t at = begin_element();
    put_value(bytes_, value);
    end_element(at);
    return *this;
  }
  template <class T>
  Column& add(const std::optional<T>& value) {
    if (value) return add(*value);
    add_null();
    return *this;
  }

  std::uint32_t size() const { return size_; }
  std::string_view bytes() const { return bytes_; }

 private:
  void add_null();
  std::size_t begin_element();
  void end_element(std::size_t at);

  std::string bytes_;
  std::uint32_t size_{0};
};

/// The parameters $1, $2 … of one execution of a statement.
class Params {
 public:
  Params() = default;
  template <class... Values>
  explicit Params(const Values&... values) {
    (add(values), ...);
  }

  template <class T>
  void add(const T& value) {
    put_value(bytes_, value);
    ends_.push_back(bytes_.size());
    nulls_.push_back(false);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    ends_.push_back(bytes_.size());
    nulls_.push_back(true);
  }
  void add(int value) { add(std::int64_t{value}); }
  void add(const Column& column) { add(column.bytes()); }

  /// What libpq takes. The pointers live until the next change.
  struct Arrays {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
  };
  Arrays arrays() const;

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<bool> nulls_;
};

}  // namespace msg::postgres
