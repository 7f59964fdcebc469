// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "routes/handlers.h"

namespace msgd {
namespace {

/// Ids with commas between them; an empty text is nobody.
std::optional<std::vector<msg::UserId>> parse_ids(std::string_view text) {
  std::vector<msg::UserId> ids;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto id = parse_id<msg::UserId>(text.substr(0, comma));
    if (!id) return std::nullopt;
    ids.push_back(*id);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return ids;
}

}  // namespace

Outcome<Response> get_presence(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto ids = parse_ids(query.optional_string("user_ids").value_or(std::string{}));
  if (!ids) query.refuse("user_ids", "Must be ids with commas between them.");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto people, call.services.presence.look(actor, *ids));
  return json_response(
      200, [&](std::string& out) { JsonObject(out).array("users", people, append_presence); });
}

}  // namespace msgd
