// SPDX-License-Identifier: Apache-2.0
#include "notifications/alerts.h"

#include "core/text.h"
#include "msg/notifications.h"
#include "notifications/notice.h"

namespace msg {
namespace {

/// The latest kAlertsMax, this one among them.
Result<void> put_alert(Batch& batch, UserId user, std::string_view text,
                       std::chrono::seconds lifetime) {
  MSG_CHECK(batch.rows().lock_side_records({SideKind::alert, to_int(user)}));
  MSG_TRY(const auto there,
          batch.rows().list_side_records(SideKind::alert, to_int(user), {},
                                         static_cast<int>(Notifications::kAlertsMax)));
  if (there.size() >= Notifications::kAlertsMax) {
    const auto& oldest = there.front();
    MSG_CHECK(batch.rows().erase_side_record(oldest.kind, oldest.owner, oldest.key));
  }
  const Time at = time_of(batch.next_version());
  return batch.rows().put_side_record(
      record_of_alert(user, batch.next_id(), at, at + lifetime, text));
}

}  // namespace

Result<void> check_alert(std::span<const UserId> users, std::string_view text,
                         std::chrono::seconds lifetime) {
  if (users.empty() || users.size() > Notifications::kAlertUsersMax) {
    return fail(Code::invalid_argument, "Must be 1 to 1,000 users.", "user_ids");
  }
  const auto characters = count_code_points(text);
  if (!characters || *characters == 0 || *characters > Notifications::kAlertCharactersMax) {
    return fail(Code::invalid_argument, "Must be 1 to 1,024 characters.", "text");
  }
  if (lifetime.count() < 1 || lifetime > std::chrono::days(366)) {
    return fail(Code::invalid_argument, "Must be from a second to a year.", "lifetime");
  }
  return {};
}

Result<void> put_alerts(Batch& batch, std::span<const UserId> users, std::string_view text,
                        std::chrono::seconds lifetime) {
  MSG_CHECK(batch.rows().load_users({users.begin(), users.end()}));
  for (const UserId user : users) {
    MSG_TRY(const auto found, batch.rows().find_user(user));
    if (!found) return fail(Code::not_found, "There is no such user.", "user_ids");
  }
  for (const UserId user : users) MSG_CHECK(put_alert(batch, user, text, lifetime));
  return {};
}

}  // namespace msg
