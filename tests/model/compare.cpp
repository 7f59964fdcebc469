// SPDX-License-Identifier: Apache-2.0
#include "model/compare.h"

#include <algorithm>

namespace msg::test {
namespace {

/// Where two texts part, with a little of what comes before.
std::string show_parting(const std::string& expected, const std::string& actual) {
  constexpr std::size_t kBefore = 60;
  constexpr std::size_t kAfter = 200;
  const auto parting = std::ranges::mismatch(expected, actual).in1 - expected.begin();
  const auto from = static_cast<std::size_t>(parting) - std::min<std::size_t>(parting, kBefore);
  return "they part at:\n  model: …" + expected.substr(from, kBefore + kAfter) + "\n  store: …" +
         actual.substr(from, kBefore + kAfter);
}

}  // namespace

bool Comparison::take_version(Version model, Version real) {
  const auto [entry, is_new] = real_versions_.try_emplace(model, real);
  if (!is_new) return entry->second == real;
  const bool above = entry == real_versions_.begin() || std::prev(entry)->second < real;
  const auto next = std::next(entry);
  return above && (next == real_versions_.end() || real < next->second);
}

std::string Comparison::find_difference(const Answer& expected, const Answer& actual) {
  if (expected.text != actual.text) return show_parting(expected.text, actual.text);
  for (std::size_t i = 0; i < expected.versions.size(); ++i) {
    if (take_version(expected.versions[i], actual.versions[i])) continue;
    return "the version of place " + std::to_string(i) + ", " +
           std::to_string(to_int(actual.versions[i])) + ", is not what the store said of change " +
           std::to_string(to_int(expected.versions[i])) + " before, or in another order.";
  }
  for (std::size_t i = 0; i < expected.receipt_times.size(); ++i) {
    const Time given = actual.receipt_times[i].front();
    const auto& allowed = expected.receipt_times[i];
    if (std::ranges::find(allowed, given) != allowed.end()) continue;
    return "the receipt of place " + std::to_string(i) + " came at " +
           std::to_string(allowed.front().time_since_epoch().count()) + ", not at " +
           std::to_string(given.time_since_epoch().count()) + '.';
  }
  return {};
}

}  // namespace msg::test
