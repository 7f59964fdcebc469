// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace msg::test {

/// One input. What must hold for every one is said with hold(); a crash, a leak and a finding of a
/// sanitizer fail by themselves.
void fuzz(std::string_view input);

inline void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace msg::test
