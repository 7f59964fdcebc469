// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "commit/batch.h"
#include "msg/notifications.h"

namespace msg {

/// Leaves the user news of a group, instead of what there was of it; of what users do to themselves
/// there is none. `member` as it has become.
Result<void> note_news(Batch& batch, UserId by, const MemberRow& member, GroupNews news);

SideRecord record_of_alert(UserId user, std::int64_t id, Time at, Time expires_at,
                           std::string_view text);

/// Of a record of either kind.
Result<Notification> notification_of(const SideRecord& record);

}  // namespace msg
