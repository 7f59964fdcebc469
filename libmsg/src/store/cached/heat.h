// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "msg/ids.h"

namespace msg {

/// Which conversations were read lately. Most are read by one device for one person: to look for
/// those in a cache, and to fill it with them, would cost more than it saves. It may forget some.
///
/// Thread safety: all calls from any thread.
class Heat {
 public:
  /// For how long a conversation is hot after it was read.
  static constexpr std::chrono::seconds kLasting{30};

  /// It is read now. Whether it was before, within kLasting.
  bool touch(ConversationId conversation) {
    const Mark now = mark(conversation);
    return is_recent(place(conversation).exchange(now, std::memory_order_relaxed), now);
  }
  bool is_hot(ConversationId conversation) const {
    const auto& at = places_[hash(conversation) % kPlaces];
    return is_recent(at.load(std::memory_order_relaxed), mark(conversation));
  }

 private:
  using Mark = std::uint64_t;  ///< A part of the id above the second in which it was read; 0: none.
  static constexpr std::size_t kPlaces = 8192;
  static constexpr int kSecondsBits = 32;

  static std::uint64_t hash(ConversationId conversation) {
    // Fibonacci hashing: the upper bits of the product depend on all of the id.
    return (static_cast<std::uint64_t>(to_int(conversation)) * 0x9E3779B97F4A7C15U) >> 32;
  }
  static Mark mark(ConversationId conversation) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count() + 1;
    return (hash(conversation) << kSecondsBits) | static_cast<std::uint32_t>(seconds);
  }
  static bool is_recent(Mark before, Mark now) {
    const bool is_same = before >> kSecondsBits == now >> kSecondsBits;
    return before != 0 && is_same &&
           static_cast<std::uint32_t>(now) - static_cast<std::uint32_t>(before) <= kLasting.count();
  }
  std::atomic<Mark>& place(ConversationId conversation) {
    return places_[hash(conversation) % kPlaces];
  }

  std::array<std::atomic<Mark>, kPlaces> places_{};
};

}  // namespace msg
