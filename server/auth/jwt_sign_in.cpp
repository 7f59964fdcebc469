// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt_sign_in.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "ops/log.h"

namespace msgd {
namespace {

Problem not_yet() {
  Problem problem{503, "unavailable", "The keys of the issuer are being fetched. Try again."};
  problem.retry_after = std::chrono::seconds(1);
  return problem;
}

Problem no_keys() {
  Problem problem{503, "unavailable", "The keys of the issuer cannot be fetched now."};
  problem.retry_after = std::chrono::minutes(1);
  return problem;
}

void append(std::string& out, std::string_view name, std::string_view type, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "# TYPE msgd_{0} {1}\nmsgd_{0} {2}\n", name, type, value);
}

}  // namespace

Outcome<JwtClaims> JwtSignIn::read(std::string_view token) {
  bool renewed = false;
  while (true) {
    const auto keys = keys_.keys();
    std::expected<JwtClaims, JwtRefusal> claims =
        std::unexpected(JwtRefusal{.why = "no keys", .unknown_key = true});
    if (keys) claims = verify_jwt(token, *keys, options_.rules, options_.clock());
    if (claims) return *std::move(claims);
    if (claims.error().unknown_key && !renewed) {
      switch (keys_.renew()) {
        case KeySource::Renewal::done:
          renewed = true;
          continue;
        case KeySource::Renewal::under_way:
          return std::unexpected(not_yet());
        case KeySource::Renewal::failed:
        case KeySource::Renewal::too_soon:
          break;
      }
    }
    if (!keys) return std::unexpected(no_keys());
    log_debug("jwt.refused", {{"why", claims.error().why}});
    return std::unexpected(Problem{401, "unauthenticated", "This token is not accepted."});
  }
}

Outcome<msg::ExternalPerson> JwtSignIn::verify(std::string_view token) {
  auto claims = read(token);
  if (!claims) {
    if (claims.error().status == 401) ++refused_;
    return std::unexpected(std::move(claims.error()));
  }
  ++accepted_;
  msg::ExternalPerson person{
      .id = {.issuer = options_.rules.issuer, .subject = std::move(claims->subject)},
      .display_name = std::move(claims->name)};
  if (options_.trust_phone && claims->phone_verified != false) {
    person.phone = std::move(claims->phone);
  }
  return person;
}

void JwtSignIn::append_metrics(std::string& out) const {
  const KeySourceCounters keys = keys_.counters();
  append(out, "jwt_accepted_total", "counter", accepted_);
  append(out, "jwt_refused_total", "counter", refused_);
  append(out, "jwt_keys", "gauge", keys.keys);
  append(out, "jwt_key_fetches_total", "counter", keys.fetches);
  append(out, "jwt_key_fetch_failures_total", "counter", keys.failures);
}

}  // namespace msgd
