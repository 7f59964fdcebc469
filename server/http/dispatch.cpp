// SPDX-License-Identifier: Apache-2.0
#include "http/dispatch.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "http/credentials.h"
#include "http/header_text.h"
#include "msg/sessions.h"
#include "ops/log.h"

namespace msgd {
namespace {

using Clock = std::chrono::steady_clock;

/// Media type and parameters of one element, "application/json; charset=utf-8".
std::string_view media_type(std::string_view element) {
  return trim(element.substr(0, element.find(';')));
}

bool is_refused(std::string_view element) {
  const auto q = element.find("q=");
  if (q == std::string_view::npos) return false;
  const auto weight = trim(element.substr(q + 2, element.find(';', q) - q - 2));
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

/// Whether an Accept header lets us answer in that type (RFC 9110 §12.5.1).
bool accepts(std::string_view header, std::string_view type) {
  const auto family = std::string{type.substr(0, type.find('/'))} + "/*";
  while (true) {
    const auto comma = header.find(',');
    const auto element = header.substr(0, comma);
    const auto range = media_type(element);
    const bool fits =
        range == "*/*" || equal_ignoring_case(range, family) || equal_ignoring_case(range, type);
    if (fits && !is_refused(element)) return true;
    if (comma == std::string_view::npos) return false;
    header.remove_prefix(comma + 1);
  }
}

/// On this machine, and not through a proxy on this machine.
bool is_local(const Request& request) {
  return request.peer.is_loopback() && !request.header("x-forwarded-for") &&
         !request.header("forwarded");
}

Problem lacks_scope(msg::KeyScopes enough) {
  std::string words;
  for (const msg::KeyScope scope : msg::kKeyScopes) {
    if (!enough.has(scope)) continue;
    words += words.empty() ? "" : " or ";
    words += msg::to_string(scope);
  }
  return {403, "permission_denied", "This needs a key with the scope " + words + "."};
}

Outcome<void> check_media_types(const Request& request, const Route& route) {
  const auto accept = request.header("accept");
  const auto type_here = route.produces;
  if (accept && !accept->empty() && !type_here.empty() && !accepts(*accept, type_here)) {
    return std::unexpected(
        Problem{406, "not_acceptable", "Answers are " + std::string{type_here} + "."});
  }
  // Elsewhere a body means nothing (RFC 9110, 9.3.1 and 9.3.5), so its type does not either.
  const bool is_read =
      request.method == "POST" || request.method == "PATCH" || request.method == "PUT";
  if (request.body.empty() || !is_read) return {};
  const auto type = request.header("content-type");
  if (!type || !equal_ignoring_case(media_type(*type), "application/json")) {
    return std::unexpected(
        Problem{415, "unsupported_media_type", "A body must be application/json."});
  }
  return {};
}

}  // namespace

/// One request until it is answered.
struct Dispatcher::Exchange {
  Request request;
  Responder respond;
  Match match;
  std::size_t route_index{0};
  bool authenticated{false};
  RateJudgement limit;
  Clock::time_point began{Clock::now()};
};

void Dispatcher::handle(Request request, Responder respond) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->respond = std::move(respond);
  exchange->route_index = table_.size();
  const Request& asked = exchange->request;

  if (has_token_in_query(asked)) {
    return finish(
        exchange,
        std::unexpected(malformed("A token must not stand in a URL: it would end up in logs.")));
  }
  auto match = router_.find(asked.method, asked.path);
  if (!match) {
    const auto allowed = router_.allowed(asked.path);
    if (asked.method == "OPTIONS" && !allowed.empty()) {
      Response response = no_content();
      response.headers.emplace_back("Allow", allowed);
      return finish(exchange, std::move(response));
    }
    return finish(exchange, std::unexpected(std::move(match).error()));
  }
  exchange->match = *match;
  exchange->route_index = static_cast<std::size_t>(match->route - table_.data());
  if (auto good = check_media_types(asked, *match->route); !good) {
    return finish(exchange, std::unexpected(std::move(good).error()));
  }
  const Route& route = *match->route;
  if (route.access == Access::none) {
    if (auto good = count(exchange, {}); !good) {
      return finish(exchange, std::unexpected(std::move(good).error()));
    }
  }
  if (route.at_once != nullptr) return run(exchange);
  if (!services_.offload([this, exchange] { run(exchange); }, route.urgency)) {
    finish(exchange, std::unexpected(overloaded("The server is busy.")));
  }
}

void Dispatcher::run(const ExchangePtr& exchange) {
  try {
    if (auto begun = call_handler(exchange); !begun) {
      finish(exchange, std::unexpected(std::move(begun).error()));
    }
  } catch (const std::exception& error) {
    finish(exchange, std::unexpected(internal(error.what())));
  }
}

Outcome<void> Dispatcher::call_handler(const ExchangePtr& exchange) {
  const Route& route = *exchange->match.route;
  MSG_TRY(const auto principal, authorize(exchange));
  exchange->authenticated = principal.session || principal.key;
  const Call call{.services = services_,
                  .request = exchange->request,
                  .params = exchange->match.params,
                  .principal = principal};
  if (route.async != nullptr) {
    return route.async(call, [this, exchange](Outcome<Response> outcome) {
      finish(exchange, std::move(outcome));
    });
  }
  finish(exchange, route.sync != nullptr ? route.sync(call) : route.at_once(call));
  return {};
}

Outcome<void> Dispatcher::count(const ExchangePtr& exchange, const msg::Principal& principal) {
  RateCaller caller{.address = exchange->request.peer};
  if (principal.session) caller.user = principal.session->user;
  if (principal.key) caller.key = principal.key->id;
  exchange->limit = services_.limits.judge(exchange->match.route->counted_as, caller);
  const RateVerdict& verdict = exchange->limit.verdict;
  if (!verdict.allowed) return std::unexpected(rate_limited(verdict.retry_after));
  return {};
}

/// Who has no good token is counted by address, whatever it is that was wrong with it.
Outcome<msg::Principal> Dispatcher::authenticate(const ExchangePtr& exchange) {
  const Request& request = exchange->request;
  const bool may_show_ticket = exchange->match.route->access == Access::any_or_ticket;
  const auto token = token_of(request);
  const auto ticket = may_show_ticket ? ticket_of(request) : std::nullopt;
  if (token && ticket) return std::unexpected(malformed("Give either a token or a ticket."));
  auto known = ticket ? msg::Sessions(services_.messenger).redeem_ticket(*ticket)
                      : msgd::authenticate(services_, token.value_or(std::string_view{}));
  if (known) return *std::move(known);
  Problem problem{std::move(known).error()};
  if (problem.status == 401) MSG_CHECK(count(exchange, {}));
  return std::unexpected(std::move(problem));
}

Outcome<msg::Principal> Dispatcher::authorize(const ExchangePtr& exchange) {
  const Access access = exchange->match.route->access;
  if (access == Access::none) return msg::Principal{};
  if (access == Access::key_or_open && services_.metrics_open && is_local(exchange->request)) {
    return msg::Principal{};
  }
  const bool shows_nothing = !token_of(exchange->request) && !services_.no_authentication;
  if (access == Access::optional && shows_nothing) {
    MSG_CHECK(count(exchange, {}));
    return msg::Principal{};
  }
  MSG_TRY(auto principal, authenticate(exchange));
  MSG_CHECK(count(exchange, principal));
  const bool needs_key = access == Access::key || access == Access::key_or_open;
  if (needs_key && !principal.key) {
    return std::unexpected(Problem{403, "permission_denied", "This needs an API key."});
  }
  const msg::KeyScopes enough = exchange->match.route->scopes;
  if (principal.key && !principal.key->scopes.has_any(enough)) {
    return std::unexpected(lacks_scope(enough));
  }
  return principal;
}

void Dispatcher::finish(const ExchangePtr& exchange, Outcome<Response> outcome) {
  const Request& request = exchange->request;
  Response response;
  if (outcome) {
    response = std::move(*outcome);
  } else {
    Problem& problem = outcome.error();
    locate(problem, request.method == "GET" || request.method == "HEAD");
    if (problem.status >= 500 && !problem.hidden.empty()) {
      log_error("http.failed", {{"request_id", request.request_id},
                                {"traceparent", request.header("traceparent").value_or("")},
                                {"code", problem.code},
                                {"why", problem.hidden}});
    }
    response = to_response(problem, request.request_id);
    if (problem.status == 405) {
      response.headers.emplace_back("Allow", router_.allowed(request.path));
    }
  }
  response.authenticated = exchange->authenticated;
  if (!exchange->limit.policy.empty()) {
    response.headers.emplace_back("RateLimit-Policy", rate_limit_policy(exchange->limit));
    response.headers.emplace_back("RateLimit", rate_limit_state(exchange->limit));
  }
  services_.metrics.count_request(exchange->route_index, response.status,
                                  Clock::now() - exchange->began - response.waited);
  exchange->respond(std::move(response));
}

std::vector<std::string> route_names(std::span<const Route> table) {
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const Route& route : table) {
    names.push_back(std::string{route.method} + ' ' + std::string{route.pattern});
  }
  return names;
}

}  // namespace msgd
