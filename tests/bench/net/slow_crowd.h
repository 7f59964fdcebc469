// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace msg::bench {

/// Connections that mean no good, in a process of their own, so that what they cost there is not
/// taken for the server's: half of them send a head that never ends, a byte a second, half ask for
/// much and read nothing. Who is thrown out comes back at once. Leaves when destroyed.
class SlowCrowd {
 public:
  /// Returns when all of them are there.
  SlowCrowd(std::uint16_t port, int count);
  ~SlowCrowd();
  SlowCrowd(const SlowCrowd&) = delete;
  SlowCrowd& operator=(const SlowCrowd&) = delete;

 private:
  pid_t process_;
};

}  // namespace msg::bench
