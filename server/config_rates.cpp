// SPDX-License-Identifier: Apache-2.0
//
// "60:1" is a burst of 60 and one a second.
#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>

#include "config_options.h"

namespace msgd {
namespace {

constexpr std::string_view kRates = "How often (BURST:PER_SECOND, or off)";
constexpr const char* kWrong =
    "must be BURST:PER_SECOND with a burst of 1 to 1000000 and 0.0001 to 1000000 per second, for "
    "example 60:1, or off";

template <class Number>
bool parse(std::string_view text, Number low, Number high, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= low && out <= high;
}

std::string set_rule(RateRule& rule, std::string_view text) {
  if (text == "off") {
    rule = {};
    return {};
  }
  const std::size_t colon = text.find(':');
  RateRule given;
  if (colon == std::string_view::npos ||
      !parse<std::uint32_t>(text.substr(0, colon), 1, 1'000'000, given.burst) ||
      !parse<double>(text.substr(colon + 1), 0.0001, 1e6, given.per_second)) {
    return kWrong;
  }
  rule = given;
  return {};
}

ConfigOption rate(std::string_view name, std::string_view help, RateRule RateOptions::* rule) {
  auto set = [rule](Config& config, std::string_view text) {
    return set_rule(config.rates.*rule, text);
  };
  auto get = [rule](const Config& config) {
    const RateRule& value = config.rates.*rule;
    return value.is_off() ? std::string("off")
                          : fmt::format("{}:{}", value.burst, value.per_second);
  };
  return {name, kRates, help, ConfigOption::Kind::text, std::move(set), std::move(get)};
}

ConfigOption no_limits() {
  auto set = [](Config& config, std::string_view text) -> std::string {
    const bool on = text == "true" || text == "1";
    if (!on && text != "false" && text != "0") return "must be true or false";
    config.rates.on = !on;
    return {};
  };
  auto get = [](const Config& config) -> std::string { return config.rates.on ? "false" : "true"; };
  return {"no-rate-limits",
          kRates,
          "Limit nothing: for a trusted network, and to measure",
          ConfigOption::Kind::flag,
          std::move(set),
          std::move(get)};
}

}  // namespace

void add_rates(std::vector<ConfigOption>& list) {
  list.push_back(no_limits());
  list.push_back(rate("rate-sends", "Of a user: messages, edits, reactions", &RateOptions::sends));
  list.push_back(rate("rate-groups", "Of a user: conversations opened, members changed",
                      &RateOptions::groups));
  list.push_back(rate("rate-uploads", "Of a user: uploads", &RateOptions::uploads));
  list.push_back(rate("rate-searches", "Of a user: looking for people and in messages",
                      &RateOptions::searches));
  list.push_back(rate("rate-other", "Of a user: everything else", &RateOptions::other));
  list.push_back(rate("rate-sign-in", "Of an address: signing in; its network 8 times as much",
                      &RateOptions::sign_in));
  list.push_back(rate("rate-anonymous", "Of an address: requests without a good token, WebSockets",
                      &RateOptions::anonymous));
  list.push_back(rate("rate-prefix", "Of the first 7 characters of a number: codes sent",
                      &RateOptions::prefix));
  list.push_back(rate("rate-key", "Of an API key: everything", &RateOptions::key));
}

}  // namespace msgd
