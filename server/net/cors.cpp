// SPDX-License-Identifier: Apache-2.0
#include "net/cors.h"

#include <algorithm>

namespace msgd {
namespace {

// Every request header that means something here and that a page needs leave to send.
constexpr const char* kRequestHeaders =
    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, SessionToken, traceparent, "
    "X-Request-Id, X-User-Id";
constexpr const char* kExposedHeaders =
    "Link, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";
constexpr const char* kMaxAgeS = "600";

}  // namespace

bool is_allowed_origin(const HttpHead& head, const std::vector<std::string>& origins) {
  const auto origin = head.field("origin");
  const auto given = std::ranges::count(head.fields, "origin",
                                        [](const auto& f) -> const auto& { return f.first; });
  return given == 1 && *origin != "null" &&
         std::ranges::any_of(origins, [&](const std::string& known) {
           return equal_ignoring_case(known, *origin);
         });
}

bool is_origin_of(std::string_view origin, std::string_view host) {
  return !host.empty() &&
         (origin == "https://" + std::string{host} || origin == "http://" + std::string{host});
}

bool is_own_origin(const HttpHead& head) {
  const auto given = std::ranges::count(head.fields, "origin",
                                        [](const auto& f) -> const auto& { return f.first; });
  const auto host = head.field("host");
  const auto origin = head.field("origin");
  return given == 1 && host && is_origin_of(*origin, *host);
}

bool is_preflight(const HttpHead& head) {
  return head.method == "OPTIONS" && head.field("origin") &&
         head.field("access-control-request-method");
}

std::optional<HttpFault> check_preflight(const HttpHead& head,
                                         const std::vector<std::string>& origins) {
  if (!is_preflight(head) || is_allowed_origin(head, origins)) return std::nullopt;
  return HttpFault{
      .status = 403, .code = "permission_denied", .detail = "This Origin is not on the list."};
}

void add_cors(Response& response, const HttpHead& head, const std::vector<std::string>& origins) {
  if (origins.empty()) return;
  auto& headers = response.headers;
  headers.emplace_back("Vary", is_preflight(head) ? "Origin, Access-Control-Request-Method, "
                                                    "Access-Control-Request-Headers"
                                                  : "Origin");
  if (!is_allowed_origin(head, origins)) return;
  headers.emplace_back("Access-Control-Allow-Origin", *head.field("origin"));
  if (!is_preflight(head)) {
    headers.emplace_back("Access-Control-Expose-Headers", kExposedHeaders);
    return;
  }
  const auto allow =
      std::ranges::find(headers, "Allow", [](const auto& h) -> const auto& { return h.first; });
  if (allow == headers.end()) return;
  std::string methods = allow->second;
  headers.emplace_back("Access-Control-Allow-Methods", std::move(methods));
  headers.emplace_back("Access-Control-Allow-Headers", kRequestHeaders);
  headers.emplace_back("Access-Control-Max-Age", kMaxAgeS);
}

}  // namespace msgd
