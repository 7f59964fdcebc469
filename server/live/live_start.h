// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "live/live_feed.h"
#include "msg/messenger.h"
#include "ops/services.h"

namespace msgd {

/// All that a session needs to begin: who it is, and where its events go on from.
struct LiveStart {
  msg::Principal principal;
  msg::User user;
  std::unique_ptr<msg::Subscription> subscription;
  msg::SyncPage page;
  std::string_view resumed{"none"};  ///< What the session will be told of it.
};

/// Subscribes `feed` and reads the first page. Refuses a cursor that is none. Blocks.
msg::Result<LiveStart> prepare_live(msg::Messenger& messenger, LiveRequest request, LiveFeed& feed);

}  // namespace msgd
