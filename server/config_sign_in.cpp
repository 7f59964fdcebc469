// SPDX-License-Identifier: Apache-2.0
#include "config_kinds.h"

namespace msgd {
namespace {

constexpr std::string_view kSignIn = "Sign-in";

std::string add_country(Config& config, std::string_view text) {
  const bool is_code = !text.empty() && text.size() <= 3 && text.front() != '0' &&
                       text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_code && text != "*") return "must be a country code such as 1 or 90, or * for any";
  config.sign_in_countries.emplace_back(text);
  return {};
}

}  // namespace

void add_sign_in(std::vector<ConfigOption>& list) {
  const auto add = [&](std::string_view name, std::string_view help, std::int64_t low,
                       std::int64_t high, auto place) {
    list.push_back(number(name, kSignIn, help, low, high, place));
  };
  list.push_back(
      {"sign-in-country", kSignIn,
       "Country code of numbers that may sign in, * is any (repeatable); none: none may",
       ConfigOption::Kind::list, add_country,
       [](const Config& c) { return fmt::format("{}", fmt::join(c.sign_in_countries, ",")); },
       [](Config& c) { c.sign_in_countries.clear(); }});
  list.push_back(text("code-webhook", kSignIn,
                      "Where codes are posted to (https URL); --dev logs them",
                      [](Config& c) -> auto& { return c.code_webhook; }));
  list.push_back(text("code-webhook-secret-file", kSignIn,
                      "File with the secret that signs the posts",
                      [](Config& c) -> auto& { return c.code_webhook_secret_file; }));
  constexpr std::int64_t century = std::int64_t{100} * 365 * 86'400;
  add("code-lifetime-s", "For a code to be shown", 30, 600,
      [](Config& c) -> auto& { return c.code_lifetime; });
  add("codes-per-number", "Codes sent to a number in a day", 1, 100,
      [](Config& c) -> auto& { return c.codes_per_number; });
  add("codes-per-address", "Codes asked for by an IPv4 /24 or IPv6 /64 in an hour", 1, 1'000'000,
      [](Config& c) -> auto& { return c.codes_per_address; });
  add("codes-per-prefix", "Codes sent to numbers that differ in four digits, in an hour", 1,
      1'000'000, [](Config& c) -> auto& { return c.codes_per_prefix; });
  add("codes-per-country", "Codes sent to a country in an hour", 1, 1'000'000'000,
      [](Config& c) -> auto& { return c.codes_per_country; });
  add("codes-in-all", "Codes sent in an hour; one more, and all are refused", 1, 1'000'000'000,
      [](Config& c) -> auto& { return c.codes_in_all; });
  add("recycle-after-s", "Until an unused account with a PIN may lose its number", 1, century,
      [](Config& c) -> auto& { return c.recycle_after; });
  add("session-idle-s", "Until a session that is not used ends", 1, century,
      [](Config& c) -> auto& { return c.session_idle; });
  add("session-age-s", "Until a session ends in any case", 1, century,
      [](Config& c) -> auto& { return c.session_age; });
  add("audit-days", "Days that administrative acts are kept in the audit trail", 1, 36'500,
      [](Config& c) -> auto& { return c.audit_age; });
}

}  // namespace msgd
