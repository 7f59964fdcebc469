// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "feed/sealed_channel.h"
#include "messenger/impl.h"
#include "presence/people.h"

namespace msg {

/// Tells the other processes on the store who is here, and hears from them who is there. All is
/// said again now and then, so that what was lost comes right; who begins asks for it at once.
///
/// Thread safety: tell() and is_due() from one thread at a time.
class SightingRelay {
 public:
  static constexpr std::chrono::seconds kRepeat{20};
  static constexpr std::chrono::seconds kExpiry{60};
  /// `process` names another process. Called on a thread of the bus.
  using Handler =
      std::function<void(const std::string& process, const std::vector<Sighting>& sightings)>;

  /// Without a bus, or on a store of this process alone, it does nothing.
  SightingRelay(MessengerInside::Impl& messenger, Handler handler);

  bool is_on() const { return words_.is_open(); }
  /// Whether everything is to be told.
  bool is_due();
  void tell(const std::vector<Sighting>& sightings);

 private:
  void take(std::string_view process, std::string_view payload);

  const Handler handler_;
  std::chrono::steady_clock::time_point next_repeat_;
  std::atomic<bool> is_asked_{false};
  SealedChannel words_;
};

}  // namespace msg
