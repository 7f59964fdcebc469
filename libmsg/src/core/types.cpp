// SPDX-License-Identifier: Apache-2.0
#include "msg/types.h"

#include <array>
#include <charconv>

#include "msg/requests.h"

namespace msg {
namespace {

template <class Enum, std::size_t n>
struct Names {
  std::array<std::string_view, n> names;

  std::string_view of(Enum value) const { return names.at(static_cast<std::size_t>(value)); }

  std::optional<Enum> find(std::string_view text) const {
    for (std::size_t i = 0; i < n; ++i) {
      if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
  }
};

constexpr Names<ConversationKind, 2> kConversationKinds{{"direct", "group"}};
constexpr Names<Role, 3> kRoles{{"member", "admin", "owner"}};
constexpr Names<MessageKind, 13> kMessageKinds{{"text", "image", "video", "audio", "voice", "file",
                                                "sticker", "location", "contact", "poll", "system",
                                                "custom", "encrypted"}};
constexpr Names<MessageState, 3> kMessageStates{{"sent", "delivered", "read"}};

constexpr Names<KeyScope, 3> kScopeNames{{"act_as_user", "admin", "read_metrics"}};
constexpr Names<Audience, 3> kAudiences{{"nobody", "contacts", "everyone"}};

/// Digits only, no sign, no leading zero: one text per number.
std::optional<std::int64_t> parse_canonical(std::string_view text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(const MessageId& id) {
  return std::to_string(to_int(id.conversation)) + '-' + std::to_string(to_int(id.seq));
}

std::optional<MessageId> parse_message_id(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto conversation = parse_canonical(text.substr(0, dash));
  const auto seq = parse_canonical(text.substr(dash + 1));
  if (!conversation || !seq) return std::nullopt;
  return MessageId{ConversationId{*conversation}, Seq{*seq}};
}

std::string_view to_string(ConversationKind kind) {
  return kConversationKinds.of(kind);
}
std::string_view to_string(Role role) {
  return kRoles.of(role);
}
std::string_view to_string(MessageKind kind) {
  return kMessageKinds.of(kind);
}
std::string_view to_string(MessageState state) {
  return kMessageStates.of(state);
}
std::string_view to_string(Resumed resumed) {
  return resumed == Resumed::complete ? "complete" : "beginning";
}
std::string_view to_string(Audience audience) {
  return kAudiences.of(audience);
}
std::optional<Audience> parse_audience(std::string_view text) {
  return kAudiences.find(text);
}
std::string_view to_string(KeyScope scope) {
  return kScopeNames.of(scope);
}
std::optional<KeyScope> parse_key_scope(std::string_view text) {
  return kScopeNames.find(text);
}
std::optional<Role> parse_role(std::string_view text) {
  return kRoles.find(text);
}
std::optional<MessageKind> parse_message_kind(std::string_view text) {
  return kMessageKinds.find(text);
}

}  // namespace msg
