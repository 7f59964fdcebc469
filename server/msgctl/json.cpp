// SPDX-License-Identifier: Apache-2.0
#include "msgctl/json.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <limits>

#include "http/time_text.h"

namespace msgctl {
namespace {

namespace json = boost::json;

std::optional<msg::Seq> seq_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return msg::Seq{value->get_int64()};
}

std::optional<msg::MessageState> parse_state(std::string_view text) {
  using enum msg::MessageState;
  for (const auto state : {sent, delivered, read}) {
    if (msg::to_string(state) == text) return state;
  }
  return std::nullopt;
}

std::optional<std::string> optional_text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string{value->get_string()};
}

}  // namespace

std::string text_at(const json::object& object, std::string_view name) {
  return optional_text_at(object, name).value_or(std::string{});
}

std::int64_t number_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

bool flag_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_at(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const json::array& array_at(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

std::optional<msg::Time> time_at(const json::object& object, std::string_view name) {
  return msgd::parse_time(text_at(object, name));
}

std::int64_t digits(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && value > 0 ? value : 0;
}

msg::User read_user(const json::object& object) {
  msg::User user;
  user.id = id_at<msg::UserId>(object, "id");
  user.phone = text_at(object, "phone");
  user.username = optional_text_at(object, "username");
  user.display_name = text_at(object, "display_name");
  user.about = text_at(object, "about");
  user.avatar = text_at(object, "avatar");
  user.created_at = time_at(object, "created_at").value_or(msg::Time{});
  user.updated_at = time_at(object, "updated_at").value_or(msg::Time{});
  return user;
}

msg::Session read_session(const json::object& object) {
  return {.id = id_at<msg::SessionId>(object, "id"),
          .user = id_at<msg::UserId>(object, "user_id"),
          .device_name = text_at(object, "device_name"),
          .created_at = time_at(object, "created_at").value_or(msg::Time{})};
}

msg::ApiKey read_api_key(const json::object& object) {
  msg::KeyScopes scopes;
  if (const auto* words = object.if_contains("scopes"); words != nullptr && words->is_array()) {
    for (const auto& word : words->get_array()) {
      const auto scope = word.is_string()
                             ? msg::parse_key_scope(std::string_view(word.get_string()))
                             : std::nullopt;
      if (scope) scopes.add(*scope);
    }
  }
  return {.id = id_at<msg::ApiKeyId>(object, "id"),
          .name = text_at(object, "name"),
          .created_at = time_at(object, "created_at").value_or(msg::Time{}),
          .scopes = scopes};
}

msg::AuditEntry read_audit_entry(const json::object& object) {
  msg::AuditEntry entry{.id = digits(text_at(object, "id")),
                        .at = time_at(object, "at").value_or(msg::Time{}),
                        .act = msg::parse_admin_act(text_at(object, "act")),
                        .by_name = text_at(object, "by_name"),
                        .address = text_at(object, "address"),
                        .detail = text_at(object, "detail")};
  if (const auto id = id_at<msg::ApiKeyId>(object, "by_key_id"); to_int(id) != 0) entry.by = id;
  if (const auto id = id_at<msg::UserId>(object, "user_id"); to_int(id) != 0) entry.user = id;
  if (const auto id = id_at<msg::SessionId>(object, "session_id"); to_int(id) != 0) {
    entry.session = id;
  }
  if (const auto id = id_at<msg::ApiKeyId>(object, "key_id"); to_int(id) != 0) entry.key = id;
  return entry;
}

msg::Message read_message(const json::object& object) {
  msg::Message message;
  message.id.conversation = id_at<msg::ConversationId>(object, "conversation_id");
  message.id.seq = msg::Seq{number_at(object, "seq")};
  message.sender = id_at<msg::UserId>(object, "sender_id");
  message.kind =
      msg::parse_message_kind(text_at(object, "kind")).value_or(msg::MessageKind::custom);
  message.content = text_at(object, "content");
  message.reply_to = seq_at(object, "reply_to");
  message.timestamp = time_at(object, "timestamp");
  message.client_id = text_at(object, "client_id");
  message.version = id_at<msg::Version>(object, "version");
  message.created_at = time_at(object, "created_at").value_or(msg::Time{});
  if (const auto changed = id_at<msg::Version>(object, "changed"); changed != msg::Version{}) {
    message.changed = changed;
  }
  message.edited_at = time_at(object, "edited_at");
  message.deleted = flag_at(object, "deleted");
  message.hidden = flag_at(object, "hidden");
  message.state = parse_state(text_at(object, "status"));
  return message;
}

msg::Member read_member(const json::object& object) {
  msg::Member member;
  member.conversation = id_at<msg::ConversationId>(object, "conversation_id");
  member.user = id_at<msg::UserId>(object, "user_id");
  member.role = msg::parse_role(text_at(object, "role")).value_or(msg::Role::member);
  member.active = flag_at(object, "active");
  member.visible_from = msg::Seq{number_at(object, "visible_from")};
  member.visible_until = seq_at(object, "visible_until");
  member.delivered = msg::Seq{number_at(object, "delivered")};
  member.read = msg::Seq{number_at(object, "read")};
  member.delivered_at = time_at(object, "delivered_at");
  member.read_at = time_at(object, "read_at");
  member.joined_at = time_at(object, "joined_at").value_or(msg::Time{});
  member.version = id_at<msg::Version>(object, "version");
  return member;
}

msg::Conversation read_conversation(const json::object& object) {
  msg::Conversation conversation;
  conversation.id = id_at<msg::ConversationId>(object, "id");
  conversation.kind = text_at(object, "kind") == msg::to_string(msg::ConversationKind::group)
                          ? msg::ConversationKind::group
                          : msg::ConversationKind::direct;
  conversation.title = text_at(object, "title");
  for (const auto& user : array_at(object, "direct_user_ids")) {
    if (const auto* text = user.if_string()) {
      conversation.direct_users.push_back(msg::UserId{digits(*text)});
    }
  }
  conversation.created_by = id_at<msg::UserId>(object, "created_by");
  conversation.created_at = time_at(object, "created_at").value_or(msg::Time{});
  conversation.last_seq = msg::Seq{number_at(object, "last_seq")};
  conversation.member_count = number_at(object, "member_count");
  conversation.version = id_at<msg::Version>(object, "version");
  return conversation;
}

msg::ConversationView read_view(const json::object& object) {
  msg::ConversationView view;
  view.conversation = read_conversation(object_at(object, "conversation"));
  view.self = read_member(object_at(object, "self"));
  const auto& last = object_at(object, "last_message");
  if (!last.empty()) view.last_message = read_message(last);
  view.unread_count = number_at(object, "unread_count");
  return view;
}

}  // namespace msgctl
