// SPDX-License-Identifier: Apache-2.0
#include "core/limits.h"

#include <algorithm>
#include <string>

#include "core/text.h"

namespace msg {
namespace {

std::unexpected<Error> refuse(std::string_view field, std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), std::string(field));
}

/// One line of text for people: UTF-8 without control characters, `min` … `max` characters.
Result<void> check_line(std::string_view text, std::string_view field, std::size_t min,
                        std::size_t max) {
  const std::string name(field);
  if (text.size() > max * 4) {  // no need to decode what is too long in any case
    return refuse(field, name + " has at most " + std::to_string(max) + " characters.");
  }
  const auto count = count_code_points(text);
  if (!count) return refuse(field, name + " is not valid UTF-8.");
  if (*count < min) return refuse(field, name + " must not be empty.");
  if (*count > max) {
    return refuse(field, name + " has at most " + std::to_string(max) + " characters.");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, is_control)) {
    return refuse(field, name + " must not contain control characters.");
  }
  return {};
}

/// Versions keep 47 bits of milliseconds; a sender's own clock gets the years of RFC 3339.
constexpr Time kTimestampMin{std::chrono::sys_days{std::chrono::year{1970} / 1 / 1}};
constexpr Time kTimestampMax{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

Result<void> check_mentions(std::vector<UserId> users, const Limits& limits) {
  if (users.size() > limits.mentions_max) {
    return refuse("mentions", "A message mentions at most " + std::to_string(limits.mentions_max) +
                                  " members.");
  }
  std::ranges::sort(users);
  if (std::ranges::adjacent_find(users) == users.end()) return {};
  return refuse("mentions", "A message mentions each member once.");
}

}  // namespace

Result<void> check_content(std::string_view content, const Limits& limits) {
  if (content.empty()) return refuse("content", "A message must not be empty.");
  if (content.size() > limits.content_bytes_max) {
    return refuse("content",
                  "content has at most " + std::to_string(limits.content_bytes_max) + " bytes.");
  }
  if (!count_code_points(content)) return refuse("content", "content is not valid UTF-8.");
  if (content.contains('\0')) return refuse("content", "content must not contain U+0000.");
  return {};
}

Result<void> check_client_id(std::string_view client_id, const Limits& limits) {
  if (client_id.size() > limits.client_id_bytes_max) {
    return refuse("client_id", "client_id has at most " +
                                   std::to_string(limits.client_id_bytes_max) + " bytes.");
  }
  if (!std::ranges::all_of(client_id, [](char c) { return c >= 0x20 && c <= 0x7E; })) {
    return refuse("client_id", "client_id has only printable ASCII characters.");
  }
  return {};
}

/// Any text without spaces: which ones are emoji changes from year to year.
Result<void> check_emoji(std::string_view emoji, const Limits& limits) {
  if (emoji.size() > limits.reaction_bytes_max) {
    return refuse("emoji",
                  "emoji has at most " + std::to_string(limits.reaction_bytes_max) + " bytes.");
  }
  if (emoji.contains(' ')) return refuse("emoji", "emoji must not contain spaces.");
  return check_line(emoji, "emoji", 1, limits.reaction_bytes_max);
}

Result<void> check_draft(const Draft& draft, const Limits& limits) {
  if (draft.kind == MessageKind::system) {
    return refuse("kind", "Messages of kind system are made by the library only.");
  }
  MSG_CHECK(check_content(draft.content, limits));
  MSG_CHECK(check_client_id(draft.client_id, limits));
  if (!draft.mentions.empty()) MSG_CHECK(check_mentions(draft.mentions, limits));
  if (draft.reply_to && to_int(*draft.reply_to) < 1) {
    return refuse("reply_to", "reply_to is the seq of a message: 1 or more.");
  }
  if (draft.timestamp && (*draft.timestamp < kTimestampMin || *draft.timestamp > kTimestampMax)) {
    return refuse("timestamp", "timestamp lies between 1970 and 9999.");
  }
  return {};
}

Result<void> check_title(std::string_view title, const Limits& limits) {
  return check_line(title, "title", 1, limits.title_characters_max);
}

Result<void> check_username(std::string_view username) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  const bool good = username.size() >= 3 && username.size() <= 32 && username.front() >= 'a' &&
                    username.front() <= 'z' && std::ranges::all_of(username, allowed);
  if (good) return {};
  return refuse("username",
                "A username has 3 to 32 characters of a-z, 0-9, _ and . and starts with a letter.");
}

Result<void> check_display_name(std::string_view name, const Limits& limits) {
  return check_line(name, "display_name", 1, limits.display_name_characters_max);
}

Result<void> check_about(std::string_view about, const Limits& limits) {
  return check_line(about, "about", 0, limits.about_characters_max);
}

Result<void> check_avatar(std::string_view avatar, const Limits& limits) {
  MSG_CHECK(check_line(avatar, "avatar", 0, limits.avatar_bytes_max));
  if (avatar.size() <= limits.avatar_bytes_max) return {};
  return refuse("avatar",
                "avatar has at most " + std::to_string(limits.avatar_bytes_max) + " bytes.");
}

Result<void> check_label(std::string_view label, std::string_view field, const Limits& limits) {
  return check_line(label, field, 0, limits.device_name_characters_max);
}

Result<int> page_size(int limit, const Limits& limits) {
  if (limit == 0) return limits.page_size_default;
  if (limit > 0 && limit <= limits.page_size_max) return limit;
  return refuse("limit", "limit lies between 1 and " + std::to_string(limits.page_size_max) + ".");
}

Result<void> check_options(const Options& options) {
  if (options.node < kNodeFromStore || options.node > 1023) {
    return refuse("node", "node lies between 0 and 1023, or is kNodeFromStore.");
  }
  if (options.commit_queue_max == 0 || options.commit_batch_max == 0) {
    return refuse("commit_queue_max", "commit_queue_max and commit_batch_max are at least 1.");
  }
  if (options.readers < 1 || options.readers > 64) {
    return refuse("readers", "readers lies between 1 and 64.");
  }
  if (options.follow_interval < std::chrono::milliseconds(1)) {
    return refuse("follow_interval", "follow_interval is at least 1 ms.");
  }
  const Limits& limits = options.limits;
  if (limits.page_size_default < 1 || limits.page_size_default > limits.page_size_max ||
      limits.sync_messages_max < 1) {
    return refuse("limits", "Page sizes are at least 1, and the default is within the maximum.");
  }
  if (!options.clock) return refuse("clock", "clock must not be empty.");
  return {};
}

}  // namespace msg
