// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/audit.h"
#include "msg/types.h"

namespace msgctl {

// Reading what a server of ours wrote. A member that is absent or of another type reads as empty:
// the server may be newer or older than this program, and a missing title is no reason to stop.

std::string text_at(const boost::json::object& object, std::string_view name);
std::int64_t number_at(const boost::json::object& object, std::string_view name);
bool flag_at(const boost::json::object& object, std::string_view name);
const boost::json::object& object_at(const boost::json::object& object, std::string_view name);
const boost::json::array& array_at(const boost::json::object& object, std::string_view name);
std::optional<msg::Time> time_at(const boost::json::object& object, std::string_view name);

/// Digits in a string; 0, which no object has, for everything else.
std::int64_t digits(std::string_view text);
template <class Id>
Id id_at(const boost::json::object& object, std::string_view name) {
  return Id{digits(text_at(object, name))};
}

// The objects of docs/http-api.md.
msg::User read_user(const boost::json::object& object);
msg::Session read_session(const boost::json::object& object);
msg::ApiKey read_api_key(const boost::json::object& object);
msg::AuditEntry read_audit_entry(const boost::json::object& object);
msg::Message read_message(const boost::json::object& object);
msg::Member read_member(const boost::json::object& object);
msg::Conversation read_conversation(const boost::json::object& object);
msg::ConversationView read_view(const boost::json::object& object);

/// The items of a page or list, each by `read(object)`.
template <class Read>
auto read_items(const boost::json::object& page, Read read, std::string_view name = "items") {
  std::vector<decltype(read(page))> items;
  for (const auto& item : array_at(page, name)) {
    if (const auto* object = item.if_object()) items.push_back(read(*object));
  }
  return items;
}

}  // namespace msgctl
