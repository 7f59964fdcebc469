// SPDX-License-Identifier: Apache-2.0
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>

#include "http/json_read.h"

namespace msgd {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 16;

/// What Boost.JSON lets pass and this server does not. The sentence goes to the caller.
enum class Refused { none, duplicate_key, number, nul, depth, syntax };

std::string sentence(Refused reason) {
  switch (reason) {
    case Refused::duplicate_key:
      return "An object has the same key twice.";
    case Refused::number:
      return "A number is out of range.";
    case Refused::nul:
      return "Text must not contain the NUL character.";
    case Refused::depth:
      return "The JSON is nested deeper than 16 levels.";
    case Refused::none:
    case Refused::syntax:
      break;
  }
  return "The body is not valid JSON.";
}

/// Builds a value from the parser's events, as boost::json::parse() does, and looks at each.
/// Its names and signatures are the parser's.
class Builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value release() { return stack_.release(); }
  Refused refused() const { return refused_; }
  std::size_t members() const { return members_; }

  bool on_document_begin(json::error_code& /*ec*/) {
    stack_.reset();
    return true;
  }
  bool on_document_end(json::error_code& /*ec*/) { return true; }
  bool on_object_begin(json::error_code& /*ec*/) { return true; }
  bool on_object_end(std::size_t n, json::error_code& /*ec*/) {
    members_ += n;
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code& /*ec*/) { return true; }
  bool on_array_end(std::size_t n, json::error_code& /*ec*/) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view s, std::size_t /*n*/, json::error_code& ec) {
    stack_.push_chars(s);
    return check_text(s, ec);
  }
  bool on_key(json::string_view s, std::size_t /*n*/, json::error_code& ec) {
    stack_.push_key(s);
    return check_text(s, ec);
  }
  bool on_string_part(json::string_view s, std::size_t /*n*/, json::error_code& ec) {
    stack_.push_chars(s);
    return check_text(s, ec);
  }
  bool on_string(json::string_view s, std::size_t /*n*/, json::error_code& ec) {
    stack_.push_string(s);
    return check_text(s, ec);
  }
  bool on_number_part(json::string_view s, json::error_code& /*ec*/) {
    number_.append(s.data(), s.size());
    return true;
  }
  bool on_int64(std::int64_t i, json::string_view /*s*/, json::error_code& /*ec*/) {
    number_.clear();
    stack_.push_int64(i);
    return true;
  }
  bool on_uint64(std::uint64_t u, json::string_view /*s*/, json::error_code& /*ec*/) {
    number_.clear();
    stack_.push_uint64(u);
    return true;
  }
  /// Comes for integers too, when 64 bits do not hold them.
  bool on_double(double d, json::string_view s, json::error_code& ec) {
    number_.append(s.data(), s.size());
    const bool integer = number_.find_first_of(".eE") == std::string::npos;
    number_.clear();
    if (!std::isfinite(d) || (integer && d != 0)) return refuse(Refused::number, ec);
    stack_.push_double(d);
    return true;
  }
  bool on_bool(bool b, json::error_code& /*ec*/) {
    stack_.push_bool(b);
    return true;
  }
  bool on_null(json::error_code& /*ec*/) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view /*s*/, json::error_code& /*ec*/) { return true; }
  bool on_comment(json::string_view /*s*/, json::error_code& /*ec*/) { return true; }

 private:
  bool check_text(json::string_view s, json::error_code& ec) {
    return s.find('\0') == json::string_view::npos || refuse(Refused::nul, ec);
  }
  bool refuse(Refused reason, json::error_code& ec) {
    refused_ = reason;
    ec = json::error::syntax;
    return false;
  }

  json::value_stack stack_;
  std::string number_;
  std::size_t members_{0};
  Refused refused_{Refused::none};
};

/// Members of all objects in a value. Of a key that came twice only the last is there.
std::size_t count_members(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += count_members(item);
  }
  return count;
}

}  // namespace

Outcome<boost::json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::basic_parser<Builder> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == json::error::too_deep) return std::unexpected(malformed(sentence(Refused::depth)));
  if (ec) return std::unexpected(malformed(sentence(parser.handler().refused())));
  if (used < text.size()) {
    return std::unexpected(malformed("There is something behind the JSON value."));
  }
  json::value value = parser.handler().release();
  if (count_members(value) != parser.handler().members()) {
    return std::unexpected(malformed(sentence(Refused::duplicate_key)));
  }
  if (!value.is_object()) return std::unexpected(malformed("The body must be a JSON object."));
  return std::move(value.get_object());
}

}  // namespace msgd
