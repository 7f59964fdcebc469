// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "msg/ids.h"

namespace msg {

enum class MessageKind;

/// How many members gave a message one kind of reaction.
struct ReactionCount {
  std::string emoji{};
  std::int64_t count{};
  bool operator==(const ReactionCount&) const = default;
};

/// A reaction to give or to take back.
struct Reaction {
  MessageId message;
  std::string emoji{};  ///< 1 … Limits::reaction_bytes_max bytes of text without spaces.
};

/// What one member gave a message, in the order of giving.
struct MemberReaction {
  std::string emoji{};
  Version version{};
  Time at{};  ///< time_of(version).
  bool operator==(const MemberReaction&) const = default;
};
struct Reactor {
  UserId user{};
  std::vector<MemberReaction> reactions{};
};

/// What one member has just done, of a changed message.
struct ReactionChange {
  UserId user{};
  std::string emoji{};
  bool removed{false};
};

struct Pin {
  UserId by{};
  Version version{};
  Time at{};  ///< time_of(version).
  bool operator==(const Pin&) const = default;
};

/// Where a message comes from. Who may read it there is told by load_origin(), nobody else.
struct Forward {
  std::int64_t hops{};                ///< How often it was passed on: 1 from where it was written.
  std::optional<MessageId> origin{};  ///< For whoever forwarded it; as client_id is.
  bool operator==(const Forward&) const = default;
};

/// Enough of an answered message to show it, as it is now.
struct Quote {
  UserId sender{};
  Version version{};  ///< Of the answered message.
  MessageKind kind{};
  /// The first kQuoteBytesMax bytes of a text, less what would be half a character; else empty.
  std::string excerpt{};
  bool deleted{false};
  bool operator==(const Quote&) const = default;
};
inline constexpr std::size_t kQuoteBytesMax = 240;

/// Unread mentions of a member are counted up to here.
inline constexpr std::size_t kMentionsCounted = 100;

}  // namespace msg
