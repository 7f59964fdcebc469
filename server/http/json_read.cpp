// SPDX-License-Identifier: Apache-2.0
#include "http/json_read.h"

#include <algorithm>
#include <charconv>

#include "http/time_text.h"

namespace msgd {
namespace {

namespace json = boost::json;

constexpr const char* kId = "Must be an id: a string of decimal digits.";
constexpr const char* kInteger = "Must be a whole number.";
constexpr const char* kKind =
    "Must be one of text, image, video, audio, voice, file, sticker, location, contact, poll, "
    "custom, encrypted.";
constexpr const char* kRole = "Must be one of member, admin, owner.";
constexpr const char* kSeq = "Must be a seq: a whole number from 1.";
constexpr const char* kTime = "Must be an RFC 3339 time, such as 2026-11-21T09:15:02.123Z.";
constexpr std::size_t kElementsMax = 100'000;

std::optional<msg::Seq> seq_from(std::optional<std::int64_t> number, std::int64_t min) {
  if (!number || *number < min) return std::nullopt;
  return msg::Seq{*number};
}

std::optional<std::int64_t> integer_from(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace

/// One text per number: no sign, no leading zero. So equal ids are equal texts.
std::optional<std::int64_t> parse_digits(std::string_view text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  return integer_from(text);
}

// ObjectReader -----------------------------------------------------------------------------------

const json::value* ObjectReader::find(std::string_view name) const {
  const auto* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::string* ObjectReader::find_string(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_string()) refuse(name, "Must be a string.");
  return value->if_string();
}

void ObjectReader::refuse(std::string_view name, std::string detail) {
  problems_.push_back({"/" + std::string{name}, std::move(detail)});
}

void ObjectReader::missing(std::string_view name) {
  refuse(name, "Is required.");
}

std::string ObjectReader::required_string(std::string_view name) {
  if (!has(name)) missing(name);
  return optional_string(name).value_or(std::string{});
}

std::optional<std::string> ObjectReader::optional_string(std::string_view name) {
  const auto* text = find_string(name);
  if (text == nullptr) return std::nullopt;
  return std::string{text->data(), text->size()};
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  refuse(name, kInteger);
  return std::nullopt;
}

std::optional<bool> ObjectReader::optional_boolean(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  refuse(name, "Must be true or false.");
  return std::nullopt;
}

std::optional<msg::Time> ObjectReader::optional_time(std::string_view name) {
  const auto* text = find_string(name);
  if (text == nullptr) return std::nullopt;
  auto time = parse_time({text->data(), text->size()});
  if (!time) refuse(name, kTime);
  return time;
}

std::optional<msg::Seq> ObjectReader::optional_seq(std::string_view name, std::int64_t min) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto seq = value->is_int64() ? seq_from(value->get_int64(), min) : std::nullopt;
  if (!seq) refuse(name, kSeq);
  return seq;
}

msg::Seq ObjectReader::required_seq(std::string_view name) {
  if (!has(name)) missing(name);
  return optional_seq(name).value_or(msg::Seq{});
}

std::optional<msg::MessageKind> ObjectReader::optional_kind(std::string_view name) {
  const auto* text = find_string(name);
  if (text == nullptr) return std::nullopt;
  auto kind = msg::parse_message_kind({text->data(), text->size()});
  if (!kind) refuse(name, kKind);
  return kind;
}

std::optional<msg::Role> ObjectReader::optional_role(std::string_view name) {
  const auto* text = find_string(name);
  if (text == nullptr) return std::nullopt;
  auto role = msg::parse_role({text->data(), text->size()});
  if (!role) refuse(name, kRole);
  return role;
}

msg::Role ObjectReader::required_role(std::string_view name) {
  if (!has(name)) missing(name);
  return optional_role(name).value_or(msg::Role::member);
}

std::optional<msg::Audience> ObjectReader::optional_audience(std::string_view name) {
  const auto* text = find_string(name);
  if (text == nullptr) return std::nullopt;
  auto audience = msg::parse_audience({text->data(), text->size()});
  if (!audience) refuse(name, "Must be everyone, contacts or nobody.");
  return audience;
}

bool ObjectReader::required_boolean(std::string_view name) {
  const auto* value = find(name);
  if (value != nullptr && value->is_bool()) return value->get_bool();
  refuse(name, "Must be true or false.");
  return false;
}

std::optional<std::int64_t> ObjectReader::id_text(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto* text = value->if_string();
  const auto number = text != nullptr ? parse_digits({text->data(), text->size()}) : std::nullopt;
  if (!number) refuse(name, kId);
  return number;
}

std::vector<msg::UserId> ObjectReader::optional_user_ids(std::string_view name) {
  std::vector<msg::UserId> users;
  const auto* value = find(name);
  if (value == nullptr) return users;
  const auto* array = value->if_array();
  if (array == nullptr || array->size() > kElementsMax) {
    refuse(name, "Must be an array of ids.");
    return users;
  }
  users.reserve(array->size());
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto* text = (*array)[i].if_string();
    const auto id =
        text != nullptr ? parse_id<msg::UserId>({text->data(), text->size()}) : std::nullopt;
    if (!id) {
      refuse(std::string{name} + "/" + std::to_string(i), kId);
      return users;  // one is enough: a list of the wrong type would fill the answer
    }
    users.push_back(*id);
  }
  return users;
}

std::vector<std::string> ObjectReader::optional_strings(std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = find(name);
  if (value == nullptr) return texts;
  const auto* array = value->if_array();
  if (array == nullptr || array->size() > kElementsMax) {
    refuse(name, "Must be an array of strings.");
    return texts;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto* text = (*array)[i].if_string();
    if (text == nullptr) {
      refuse(std::string{name} + "/" + std::to_string(i), "Must be a string.");
      return texts;
    }
    texts.emplace_back(text->data(), text->size());
  }
  return texts;
}

std::optional<msg::KeyScopes> ObjectReader::optional_scopes(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  msg::KeyScopes scopes;
  const auto* array = value->if_array();
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto* text = (*array)[i].if_string();
    const auto scope = text == nullptr
                           ? std::nullopt
                           : msg::parse_key_scope(std::string_view(text->data(), text->size()));
    if (!scope) {
      refuse(std::string{name} + "/" + std::to_string(i),
             "Must be act_as_user, admin or read_metrics.");
      return std::nullopt;
    }
    scopes.add(*scope);
  }
  if (scopes.empty()) refuse(name, "Must be an array of scopes, one at least.");
  return scopes;
}

// QueryReader ------------------------------------------------------------------------------------

const std::string* QueryReader::find(std::string_view name) {
  const auto is_it = [&](const auto& parameter) { return parameter.first == name; };
  const auto found = std::ranges::find_if(query_, is_it);
  if (found == query_.end() || found->second.empty()) return nullptr;
  if (std::ranges::count_if(query_, is_it) > 1) {
    refuse(name, "Must be given once.");
    return nullptr;
  }
  return &found->second;
}

void QueryReader::refuse(std::string_view name, std::string detail) {
  problems_.push_back({"?" + std::string{name}, std::move(detail)});
}

std::optional<std::string> QueryReader::optional_string(std::string_view name) {
  const auto* text = find(name);
  return text != nullptr ? std::optional{*text} : std::nullopt;
}

std::optional<std::int64_t> QueryReader::optional_integer(std::string_view name) {
  const auto* text = find(name);
  if (text == nullptr) return std::nullopt;
  auto number = integer_from(*text);
  if (!number) refuse(name, kInteger);
  return number;
}

std::optional<msg::Time> QueryReader::optional_time(std::string_view name) {
  const auto* text = find(name);
  if (text == nullptr) return std::nullopt;
  // The plus of an offset is a space in a query when nobody escaped it; a time has no other.
  std::string unescaped = *text;
  std::ranges::replace(unescaped, ' ', '+');
  auto time = parse_time(unescaped);
  if (!time) refuse(name, kTime);
  return time;
}

std::optional<msg::Seq> QueryReader::optional_seq(std::string_view name, std::int64_t min) {
  const auto* text = find(name);
  if (text == nullptr) return std::nullopt;
  auto seq = seq_from(integer_from(*text), min);
  if (!seq) refuse(name, kSeq);
  return seq;
}

std::optional<std::int64_t> QueryReader::id_text(std::string_view name) {
  const auto* text = find(name);
  if (text == nullptr) return std::nullopt;
  auto number = parse_digits(*text);
  if (!number) refuse(name, kId);
  return number;
}

}  // namespace msgd
