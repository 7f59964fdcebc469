// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {

Outcome<Response> get_sync(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  msg::SyncRequest request;
  request.limit = read_limit(query);
  request.cursor = query.optional_string("cursor").value_or(std::string{});
  const auto named = query.optional_id<msg::UserId>("user_id");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor(named, "?user_id"));
  MSG_TRY(const auto page, call.messenger().sync(actor, request));
  return json_response(200, [&](std::string& out) { append_sync_page(out, page); });
}

}  // namespace msgd
