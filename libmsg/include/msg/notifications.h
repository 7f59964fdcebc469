// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "msg/messenger.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

enum class NotificationKind {
  message,  ///< Unread messages of one conversation.
  mention,  ///< Those among them that call the user.
  group,    ///< What others did to the user's membership of a group.
  alert,    ///< What the operator has to say: Administration::alert().
};
std::string_view to_string(NotificationKind kind);

enum class GroupNews { added, removed, role_changed };
std::string_view to_string(GroupNews news);

struct Notification {
  std::string id{};  ///< For mark_read(); names what was told, not what comes later.
  NotificationKind kind{};
  Time at{};
  std::optional<ConversationId> conversation{};  ///< Of all but alerts.
  std::int64_t count{};                          ///< message, mention: how many.
  std::optional<Message> last_message{};         ///< message, mention: the newest of all.
  GroupNews news{};                              ///< group
  UserId by{};                                   ///< group: who did it.
  Role role{};                                   ///< group: the user's from then on.
  std::string text{};                            ///< alert
};

/// What a user has not seen yet, in one list: alerts first, then news of groups, then conversations
/// with something unread, the latest activity first.
///
/// Messages and mentions are not stored a second time: they are unread as long as their
/// conversation is. Of each group the latest news is kept, for kNewsLifetime; of alerts the latest
/// kAlertsMax.
///
/// Lifetime: the Messenger must outlive it. Thread safety: all calls from any thread.
class Notifications {
 public:
  static constexpr std::chrono::milliseconds kNewsLifetime = std::chrono::days(30);
  static constexpr std::chrono::seconds kAlertLifetime = std::chrono::days(30);
  static constexpr std::size_t kAlertsMax = 100;
  static constexpr std::size_t kAlertUsersMax = 1000;
  static constexpr std::size_t kAlertCharactersMax = 1024;
  static constexpr std::size_t kMarkedMax = 200;

  explicit Notifications(Messenger& messenger) : messenger_(messenger) {}

  /// A page looks at as many alerts, news or conversations as its limit says: it may have fewer
  /// items, or (as a conversation may be told of twice) more. Only goes forward.
  Result<Page<Notification>> list(UserId actor, const PageRequest& request);

  /// What was told of messages becomes a read receipt. Unknown ids, and those of what has changed
  /// since, change nothing. invalid_argument: more than kMarkedMax, or one is no id.
  Result<void> mark_read(UserId actor, std::span<const std::string> ids);
  /// Everything there is now.
  Result<void> mark_all_read(UserId actor);

 private:
  Messenger& messenger_;
};

}  // namespace msg
