// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "msg/types.h"

namespace msg {

/// How often something happens within an hour of its first time, of each name. Bounded: the name
/// whose hour began first makes room.
///
/// Thread safety: one thread at a time.
class Budget {
 public:
  Budget(int limit, std::size_t names_max) : limit_(limit), names_max_(names_max) {}

  /// Whether there is room for one more.
  bool has(const std::string& name, Time now);
  /// Counts one.
  void take(const std::string& name, Time now);
  /// How long until there is room; 0: there is.
  std::chrono::milliseconds wait(const std::string& name, Time now);
  std::size_t names() const { return hours_.size(); }

 private:
  struct Hour {
    std::string name;
    Time since{};
    int count{0};
  };
  using Hours = std::list<Hour>;  // in the order of their beginnings

  Hour* find(const std::string& name, Time now);

  int limit_;
  std::size_t names_max_;
  Hours hours_;
  std::unordered_map<std::string, Hours::iterator> places_;
};

/// How many of the codes of the last hour, counted in steps of five minutes, were used.
///
/// Thread safety: one thread at a time.
class Conversion {
 public:
  void add_sent(Time now) { ++at(now).sent; }
  void add_used(Time now) { ++at(now).used; }
  /// Nothing when fewer than `codes_min` were sent, those of the last minutes apart: they may
  /// still be used.
  std::optional<int> percent(Time now, int codes_min);

 private:
  static constexpr std::int64_t kSteps = 14;  // an hour, one that is not over, one that waits
  struct Step {
    std::int64_t number{-1};
    int sent{0};
    int used{0};
  };
  static std::int64_t number_of(Time now) {
    return now.time_since_epoch() / std::chrono::minutes(5);
  }
  Step& at(Time now);

  std::array<Step, kSteps> steps_{};
};

/// The part of an address that one owner has: the /24 of IPv4, the /64 of IPv6. Something that is
/// no address is its own.
std::string network_of(std::string_view address);

/// What numbers of one block have in common: all but the last four digits.
std::string prefix_of(std::string_view phone);

}  // namespace msg
