// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace msg {

/// Ids name things and are never reused. 63 bits: 41 of milliseconds since 2024-01-01 UTC, 10 of
/// node, 12 of counter, so that any number of nodes make them without asking each other.
enum class UserId : std::int64_t {};
enum class ConversationId : std::int64_t {};
enum class SessionId : std::int64_t {};
enum class ApiKeyId : std::int64_t {};

/// Place of a message in its conversation: 1, 2, 3 … without a hole. Seq{0} is "before the first".
enum class Seq : std::int64_t {};

/// Stamp of a change: a hybrid logical clock (Kulkarni et al. 2014), milliseconds since 1970 in
/// the upper 48 bits and a counter in the lower 16. Every change in a conversation gets a larger
/// one; so does every change in a store that one process writes.
enum class Version : std::int64_t {};

/// UTC with millisecond resolution, the only resolution stored or sent.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

template <class Id>
constexpr std::int64_t to_int(Id id) {
  return static_cast<std::int64_t>(id);
}

constexpr Time time_of(Version version) {
  return Time{std::chrono::milliseconds{to_int(version) >> 16}};
}

/// Names a message everywhere: its conversation and its place there. No lookup table is needed to
/// find the message. Text form: "<conversation>-<seq>".
struct MessageId {
  ConversationId conversation{};
  Seq seq{};
  auto operator<=>(const MessageId&) const = default;
};
std::string to_string(const MessageId& id);
/// Nothing when the text is not exactly what to_string() gives for some id.
std::optional<MessageId> parse_message_id(std::string_view text);

}  // namespace msg
