// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "msg/ids.h"

namespace msg {

enum class Role { member, admin, owner };  // ordered by power

/// Who may do what in a group. Admins and owners change it; a role stands for those above it too.
struct GroupRules {
  Role send{Role::member};  ///< admin: a group for announcements.
  Role add{Role::admin};    ///< Adds members, makes invitations and answers join requests.
  Role rename{Role::admin};
  Role pin{Role::admin};
  /// Between two messages of a member who is no admin: 0, none, to kSlowModeMax.
  std::chrono::seconds slow_mode{0};
  /// Whether who joins reads what was said before. It holds for those who join from now on.
  bool history_for_newcomers{false};
  std::int64_t members_max{0};  ///< 0, or more than Limits::group_members_max: that one.
  bool operator==(const GroupRules&) const = default;
};
inline constexpr std::chrono::seconds kSlowModeMax = std::chrono::hours{24};

/// Fields left empty stay as they are.
struct RulesPatch {
  std::optional<Role> send{};
  std::optional<Role> add{};
  std::optional<Role> rename{};
  std::optional<Role> pin{};
  std::optional<std::chrono::seconds> slow_mode{};
  std::optional<bool> history_for_newcomers{};
  std::optional<std::int64_t> members_max{};
};

/// A link with which anybody who has it joins a group.
struct Invitation {
  std::string token{};  ///< "mil_" and 32 characters of base64url; names the group.
  ConversationId conversation{};
  UserId created_by{};
  Time created_at{};
  std::optional<Time> expires_at{};
  std::optional<std::int64_t> uses_left{};  ///< None: any number.
  bool needs_approval{false};               ///< Who uses it asks to join, and is let in or not.
  bool operator==(const Invitation&) const = default;
};
/// Of a group, at a time.
inline constexpr std::size_t kInvitationsMax = 100;
inline constexpr std::size_t kJoinRequestsMax = 1000;

struct NewInvitation {
  ConversationId conversation{};
  std::optional<std::chrono::seconds> lifetime{};  ///< 1 s to a year; none: until revoked.
  std::optional<std::int64_t> uses_max{};          ///< 1 to 1,000,000; none: any number.
  bool needs_approval{false};
};

/// Somebody who wants to join a group.
struct JoinRequest {
  ConversationId conversation{};
  UserId user{};
  Time at{};
  bool operator==(const JoinRequest&) const = default;
};

/// A user with whom another wants nothing to do.
struct Block {
  UserId user{};
  Time at{};
  bool operator==(const Block&) const = default;
};
/// By a user, at a time.
inline constexpr std::size_t kBlocksMax = 10'000;

}  // namespace msg
