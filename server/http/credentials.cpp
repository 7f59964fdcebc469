// SPDX-License-Identifier: Apache-2.0
#include "http/credentials.h"

#include <algorithm>

#include "http/header_text.h"
#include "msg/sessions.h"

namespace msgd {
namespace {

// No stored key has this id.
constexpr msg::ApiKeyId kAnybody{0};

bool is_anybody(const msg::Principal& principal) {
  return principal.key && principal.key->id == kAnybody;
}

}  // namespace

std::optional<std::string_view> token_of(const Request& request) {
  const auto header = request.header("authorization");
  if (!header) return request.header("sessiontoken");
  constexpr std::string_view kScheme = "bearer ";
  if (header->size() < kScheme.size()) return std::nullopt;
  if (!equal_ignoring_case(header->substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return trim(header->substr(kScheme.size()));
}

std::optional<std::string_view> ticket_of(const Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name == "ticket") return value;
  }
  return std::nullopt;
}

bool has_token_in_query(const Request& request) {
  return std::ranges::any_of(request.query, [](const auto& parameter) {
    return equal_ignoring_case(parameter.first, "token") ||
           equal_ignoring_case(parameter.first, "access_token") ||
           equal_ignoring_case(parameter.first, "sessiontoken") ||
           parameter.second.starts_with("mss_") || parameter.second.starts_with("msk_");
  });
}

msg::Result<msg::Principal> authenticate(Services& services, std::string_view token) {
  if (token.empty() && services.no_authentication) {
    return msg::Principal{.key = msg::ApiKey{.id = kAnybody, .name = "anybody"}};
  }
  return services.messenger.authenticate(token);
}

msg::Result<msg::Principal> refresh(Services& services, const msg::Principal& principal) {
  if (is_anybody(principal)) return principal;
  return msg::Sessions(services.messenger).refresh(principal);
}

}  // namespace msgd
