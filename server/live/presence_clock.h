// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "msg/presence.h"
#include "ops/services.h"

namespace msgd {

/// Has presence told once per window, and last_seen stored a bounded number at a time.
///
/// Lifetime: outlives the services' timer and workers. Thread safety: start() once, from any
/// thread.
class PresenceClock {
 public:
  PresenceClock(Services& services, std::chrono::milliseconds window)
      : services_(services), window_(window) {}

  void start() { tick_later(); }

 private:
  void tick_later();
  void tick();

  Services& services_;
  const std::chrono::milliseconds window_;
};

}  // namespace msgd
