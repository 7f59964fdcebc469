// SPDX-License-Identifier: Apache-2.0
#include "model/compare.h"

#include <algorithm>

namespace msg::test {
namespace {

/// A part of a text, on one line.
std::string excerpt(const std::string& text, std::size_t from, std::size_t count) {
  std::string part = text.substr(std::min(from, text.size()), count);
  std::ranges::replace(part, '\n', '|');
  return part;
}

/// Where two texts part, with a little of what comes before.
std::string show_parting(const std::string& expected, const std::string& actual) {
  constexpr std::size_t kBefore = 60;
  constexpr std::size_t kShown = 240;
  const auto parting =
      static_cast<std::size_t>(std::ranges::mismatch(expected, actual).in1 - expected.begin());
  const std::size_t from = parting - std::min(parting, kBefore);
  return "They part at:\n  model: …" + excerpt(expected, from, kShown) + "\n  store: …" +
         excerpt(actual, from, kShown);
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
