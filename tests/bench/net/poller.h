// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "net/link.h"

namespace msg::bench {

using Clock = std::chrono::steady_clock;

/// Many links on one thread.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// The link must outlive the poller; `number` is what poll() calls it.
  void add(Link& link, std::uint32_t number);

  /// Waits until something arrives, no longer than until `deadline`, and calls
  /// `on_text(number, text)` for each frame. False: nothing came.
  template <class OnText>
  bool poll(Clock::time_point deadline, const OnText& on_text) {
    const auto ready = wait(deadline);
    for (const std::uint32_t number : ready) {
      links_[number]->read(scratch_, [&](std::string_view text) { on_text(number, text); });
    }
    return !ready.empty();
  }

 private:
  std::span<const std::uint32_t> wait(Clock::time_point deadline);

  int epoll_;
  std::vector<Link*> links_;
  std::vector<std::uint32_t> ready_;
  std::vector<char> scratch_;
};

}  // namespace msg::bench
