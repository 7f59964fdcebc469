// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "config_options.h"

// Makers of options, by the kind of their value.

namespace msgd {

/// A number at `place`, which takes a Config and gives a reference into it.
template <class Place>
ConfigOption number(std::string_view name, std::string_view group, std::string_view help,
                    std::int64_t low, std::int64_t high, Place place) {
  auto set = [=](Config& config, std::string_view text) -> std::string {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
      return fmt::format("must be a whole number from {} to {}", low, high);
    }
    auto& target = place(config);
    target = std::remove_reference_t<decltype(target)>(value);
    return {};
  };
  auto get = [=](const Config& config) {
    Config copy = config;
    const auto& value = place(copy);
    if constexpr (requires { value.count(); }) {
      return fmt::format("{}", value.count());
    } else {
      return fmt::format("{}", value);
    }
  };
  return {name, group, help, ConfigOption::Kind::number, std::move(set), std::move(get)};
}

/// Any text, at `place`.
template <class Place>
ConfigOption text(std::string_view name, std::string_view group, std::string_view help,
                  Place place) {
  auto set = [=](Config& config, std::string_view value) -> std::string {
    place(config) = value;
    return {};
  };
  auto get = [=](const Config& config) {
    Config copy = config;
    return std::string(place(copy));
  };
  return {name, group, help, ConfigOption::Kind::text, std::move(set), std::move(get)};
}

inline ConfigOption flag(std::string_view name, std::string_view group, std::string_view help,
                         bool Config::* member) {
  auto set = [=](Config& config, std::string_view text) -> std::string {
    const bool on = text == "true" || text == "1";
    if (!on && text != "false" && text != "0") return "must be true or false";
    config.*member = on;
    return {};
  };
  auto get = [=](const Config& config) -> std::string { return config.*member ? "true" : "false"; };
  return {name, group, help, ConfigOption::Kind::flag, std::move(set), std::move(get)};
}

/// One of `words`, which stand in the order of the enumeration.
template <class Place, std::size_t N>
ConfigOption choice(std::string_view name, std::string_view group, std::string_view help,
                    Place place, std::array<std::string_view, N> words) {
  auto set = [=](Config& config, std::string_view text) -> std::string {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) return fmt::format("must be one of {}", fmt::join(words, ", "));
    auto& target = place(config);
    target = static_cast<std::remove_reference_t<decltype(target)>>(found - words.begin());
    return {};
  };
  auto get = [=](const Config& config) {
    Config copy = config;
    return std::string(words[static_cast<std::size_t>(place(copy))]);
  };
  return {name, group, help, ConfigOption::Kind::text, std::move(set), std::move(get)};
}

}  // namespace msgd
