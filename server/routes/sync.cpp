// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {
namespace {

/// How long a sync may wait for something to happen, at most.
constexpr std::chrono::seconds kWaitMax{60};

std::chrono::seconds read_wait(QueryReader& query) {
  const std::chrono::seconds wait{query.optional_integer("wait_s").value_or(0)};
  if (wait.count() >= 0 && wait <= kWaitMax) return wait;
  query.refuse("wait_s", "Must be from 0 to 60.");
  return {};
}

Outcome<LiveRequest> live_request(const Call& call, std::optional<msg::UserId> named,
                                  std::optional<std::string> cursor) {
  MSG_TRY(const auto actor, call.actor(named, "?user_id"));
  return LiveRequest{.principal = call.principal, .user = actor, .cursor = std::move(cursor)};
}

}  // namespace

Outcome<void> get_sync(const Call& call, Answer answer) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  SyncWait wait{.limit = read_limit(query),
                .longest = read_wait(query),
                .park = call.request.park,
                .answer = std::move(answer)};
  auto cursor = query.optional_string("cursor").value_or(std::string{});
  const auto named = query.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(auto request, live_request(call, named, std::move(cursor)));
  call.services.sync(std::move(request), std::move(wait));
  return {};
}

Outcome<Response> open_events(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  auto cursor = query.optional_string("cursor");
  const auto named = query.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  // A browser that connects again repeats the address, and adds how far it got.
  if (const auto last = call.request.header("last-event-id")) cursor = std::string{*last};
  MSG_TRY(auto request, live_request(call, named, std::move(cursor)));
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("X-Accel-Buffering", "no");  // proxies are to pass it on at once
  MSG_TRY(response.stream, call.services.open_stream(std::move(request)));
  return response;
}

}  // namespace msgd
