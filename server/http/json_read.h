// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/errors.h"
#include "msg/types.h"

namespace msgd {

/// Reads one JSON object (RFC 8259) more strictly than Boost.JSON: no key twice, at most 16 levels,
/// no integer beyond 64 bits, no number without a finite value, no NUL and no broken Unicode in
/// text, nothing behind the object. Else malformed_request with the reason, never with the text.
Outcome<boost::json::object> parse_object(std::string_view text);

// What the words of the interface look like. Nothing when the text is anything else.
template <class Id>
std::optional<Id> parse_id(std::string_view text);
std::optional<std::int64_t> parse_digits(std::string_view text);

/// Takes the members of one object by name and type, and notes everything that is wrong with them,
/// so that a caller hears of all mistakes at once. Null counts as absent. A wrong or missing
/// member reads as an empty value, which is never used: the caller asks `problems` at the end.
///
/// Refers to both arguments of the constructor.
class ObjectReader {
 public:
  ObjectReader(const boost::json::object& object, FieldProblems& problems)
      : object_(object), problems_(problems) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Present, even if null.
  bool names(std::string_view name) const { return object_.contains(name); }

  std::string required_string(std::string_view name);
  std::optional<std::string> optional_string(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  bool required_boolean(std::string_view name);
  std::optional<msg::Audience> optional_audience(std::string_view name);
  std::optional<msg::Time> optional_time(std::string_view name);
  /// `min` 0 where "before the first" makes sense.
  std::optional<msg::Seq> optional_seq(std::string_view name, std::int64_t min = 1);
  msg::Seq required_seq(std::string_view name);
  std::optional<msg::MessageKind> optional_kind(std::string_view name);
  std::optional<msg::Role> optional_role(std::string_view name);
  msg::Role required_role(std::string_view name);

  template <class Id>
  std::optional<Id> optional_id(std::string_view name) {
    const auto text = id_text(name);
    return text ? std::optional<Id>{Id{*text}} : std::nullopt;
  }
  template <class Id>
  Id required_id(std::string_view name) {
    if (!has(name)) missing(name);
    return optional_id<Id>(name).value_or(Id{});
  }
  std::vector<msg::UserId> optional_user_ids(std::string_view name);
  std::vector<std::string> optional_strings(std::string_view name);
  std::optional<msg::KeyScopes> optional_scopes(std::string_view name);

  /// Notes a mistake in a member of that name.
  void refuse(std::string_view name, std::string detail);

 private:
  const boost::json::value* find(std::string_view name) const;
  const boost::json::string* find_string(std::string_view name);
  std::optional<std::int64_t> id_text(std::string_view name);
  void missing(std::string_view name);

  const boost::json::object& object_;
  FieldProblems& problems_;
};

/// The same for the parameters of a query; an empty value counts as absent, one given twice is
/// refused.
class QueryReader {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;
  QueryReader(const Query& query, FieldProblems& problems) : query_(query), problems_(problems) {}

  std::optional<std::string> optional_string(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  std::optional<msg::Time> optional_time(std::string_view name);
  std::optional<msg::Seq> optional_seq(std::string_view name, std::int64_t min = 1);

  template <class Id>
  std::optional<Id> optional_id(std::string_view name) {
    const auto number = id_text(name);
    return number ? std::optional<Id>{Id{*number}} : std::nullopt;
  }

  void refuse(std::string_view name, std::string detail);

 private:
  const std::string* find(std::string_view name);
  std::optional<std::int64_t> id_text(std::string_view name);

  const Query& query_;
  FieldProblems& problems_;
};

template <class Id>
std::optional<Id> parse_id(std::string_view text) {
  const auto number = parse_digits(text);
  return number ? std::optional<Id>{Id{*number}} : std::nullopt;
}

}  // namespace msgd
