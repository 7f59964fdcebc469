// SPDX-License-Identifier: Apache-2.0
#include "auth/key_clock.h"

namespace msgd {

void KeyClock::tick_after(std::chrono::milliseconds delay) {
  services_.after(delay, [this] {
    const auto refresh = [this] {
      if (const auto next = keys_.refresh()) tick_after(*next);
    };
    if (!services_.offload(refresh, Urgency::low)) tick_after(std::chrono::seconds(1));
  });
}

}  // namespace msgd
