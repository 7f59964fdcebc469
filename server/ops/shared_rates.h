// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "msg/channel.h"
#include "ops/services.h"

namespace msgd {

/// Has the servers on one store count together: each says ten times a second what was taken there,
/// and takes what the others say from its own buckets. So a judgement waits for nobody, and who
/// asks n servers at once gets at most n bursts, once.
///
/// Lifetime: outlives the services' timer. Thread safety: start() once, from any thread.
class SharedRates {
 public:
  static constexpr std::chrono::milliseconds kInterval{100};

  explicit SharedRates(Services& services);

  /// Nothing happens where there are no others to hear it.
  void start();

 private:
  void tell_later();
  void tell();
  void take(std::string_view payload);

  Services& services_;
  msg::Channel channel_;
};

}  // namespace msgd
