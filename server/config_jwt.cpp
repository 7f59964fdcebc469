// SPDX-License-Identifier: Apache-2.0
#include "config_kinds.h"

namespace msgd {
namespace {

constexpr std::string_view kJwt = "Sign-in by tokens of an issuer";

std::string add_audience(Config& config, std::string_view text) {
  if (text.empty()) return "must not be empty";
  config.jwt_audiences.emplace_back(text);
  return {};
}

}  // namespace

void add_jwt(std::vector<ConfigOption>& list) {
  list.push_back(text("jwt-keys", kJwt,
                      "JWK set of the issuer: a file (read anew on SIGHUP) or an https URL",
                      [](Config& c) -> auto& { return c.jwt_keys; }));
  list.push_back(text("jwt-issuer", kJwt, "Whose tokens are taken: their iss",
                      [](Config& c) -> auto& { return c.jwt_issuer; }));
  list.push_back(
      {"jwt-audience", kJwt, "What their aud must have one of (repeatable)",
       ConfigOption::Kind::list, add_audience,
       [](const Config& c) { return fmt::format("{}", fmt::join(c.jwt_audiences, ",")); },
       [](Config& c) { c.jwt_audiences.clear(); }});
  list.push_back(number("jwt-lifetime-max-s", kJwt, "How long a token may live, by iat and exp", 60,
                        86'400, [](Config& c) -> auto& { return c.jwt_lifetime_max; }));
  list.push_back(number("jwt-fetch-pause-s", kJwt,
                        "Between two fetches of the keys, however many tokens name a new one", 1,
                        3600, [](Config& c) -> auto& { return c.jwt_fetch_pause; }));
  list.push_back(flag("jwt-trust-phone", kJwt,
                      "Take phone_number of a token for proven: it may lead to an account",
                      &Config::jwt_trust_phone));
}

}  // namespace msgd
