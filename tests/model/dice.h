// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace msg::test {

/// Random choices that are the same on every platform for the same seed, which the distributions
/// of the standard library are not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : source_(seed) {}

  /// 0 … bound - 1.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(source_() % static_cast<std::uint64_t>(bound));
  }
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + below(last - first + 1);
  }
  bool percent(int chance) { return below(100) < chance; }

  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items.at(static_cast<std::size_t>(below(static_cast<std::int64_t>(items.size()))));
  }

 private:
  std::mt19937_64 source_;
};

}  // namespace msg::test
