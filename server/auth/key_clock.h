// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "auth/key_source.h"
#include "ops/services.h"

namespace msgd {

/// Has keys fetched again when it is time to.
///
/// Lifetime: outlives the services' timer and workers. Thread safety: start() once, from any
/// thread.
class KeyClock {
 public:
  KeyClock(Services& services, KeySource& keys) : services_(services), keys_(keys) {}

  void start() { tick_after(std::chrono::milliseconds(0)); }

 private:
  void tick_after(std::chrono::milliseconds delay);

  Services& services_;
  KeySource& keys_;
};

}  // namespace msgd
