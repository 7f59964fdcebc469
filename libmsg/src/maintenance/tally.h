// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace msg {

/// Tells whether two sets, each seen in an order of its own, are the same, without keeping them:
/// the sum of a keyed hash over the elements. Two different sets pass for the same once in 2^64.
///
/// Thread safety: none.
class Tally {
 public:
  using Key = std::array<unsigned char, 16>;
  /// Tallies that are compared have the same key, which nobody can guess.
  static Key make_key();

  explicit Tally(const Key& key) : key_(key) {}
  void add(std::string_view element);
  bool operator==(const Tally&) const = default;

 private:
  Key key_;
  std::uint64_t sum_{0};
  std::uint64_t count_{0};
};

}  // namespace msg
