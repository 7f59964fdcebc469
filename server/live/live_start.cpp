// SPDX-License-Identifier: Apache-2.0
#include "live/live_start.h"

#include <utility>

namespace msgd {

/// The subscription comes before the position, so that nothing falls between the two.
msg::Result<LiveStart> prepare_live(msg::Messenger& messenger, LiveRequest request,
                                    LiveFeed& feed) {
  LiveStart start;
  MSG_TRY(start.user, messenger.load_user(request.user));
  MSG_TRY(start.subscription,
          messenger.subscribe(
              request.user, [&feed](const auto& event) { feed.on_event(event); },
              [&feed] { feed.on_behind(); }));
  if (request.cursor) {
    MSG_TRY(start.page, messenger.sync(request.user, {.cursor = *request.cursor}));
    start.resumed = msg::to_string(start.page.resumed);
  } else {
    MSG_TRY(start.page.cursor, messenger.sync_position());
  }
  start.principal = std::move(request.principal);
  return start;
}

}  // namespace msgd
