// SPDX-License-Identifier: Apache-2.0
#include "live/presence_clock.h"

#include <exception>

#include "ops/log.h"

namespace msgd {

void PresenceClock::tick_later() {
  services_.after(window_, [this] {
    // When no worker is free now, what changed is told a window later.
    if (!services_.offload([this] { tick(); }, Urgency::normal)) tick_later();
  });
}

void PresenceClock::tick() {
  try {
    services_.reported_presence.expire();
    services_.presence.flush();
    const auto stored = services_.presence.store_last_seen();
    if (!stored) log_warn("presence.not_stored", {{"why", stored.error().detail}});
  } catch (const std::exception& error) {
    log_error("presence.failed", {{"why", error.what()}});
  }
  tick_later();
}

}  // namespace msgd
