// SPDX-License-Identifier: Apache-2.0
#include "msg/notifications.h"

#include <algorithm>
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/shared.h"

namespace msgd {
namespace {

void append_notification(std::string& out, const msg::Notification& one) {
  const bool of_messages =
      one.kind == msg::NotificationKind::message || one.kind == msg::NotificationKind::mention;
  const bool of_group = one.kind == msg::NotificationKind::group;
  JsonObject json(out);
  json.text("id", one.id).text("kind", msg::to_string(one.kind)).time("at", one.at);
  if (one.conversation) {
    json.id("conversation_id", *one.conversation);
  } else {
    json.null("conversation_id");
  }
  if (of_messages) {
    json.number("count", one.count);
  } else {
    json.null("count");
  }
  if (one.last_message) {
    json.value("last_message",
               [&](std::string& o) { append_message(o, *one.last_message, ClientId::hidden); });
  } else {
    json.null("last_message");
  }
  if (of_group) {
    json.text("news", msg::to_string(one.news)).id("by", one.by);
    json.text("role", msg::to_string(one.role));
  } else {
    json.null("news").null("by").null("role");
  }
  json.text_or_null("text", one.text);
}

}  // namespace

Outcome<Response> list_notifications(const Call& call) {
  FieldProblems problems;
  QueryReader query(call.request.query, problems);
  const auto request = read_page(query);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  MSG_TRY(const auto page, msg::Notifications(call.messenger()).list(actor, request));
  return page_response(call.request, page, append_notification);
}

Outcome<Response> mark_notifications_read(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto ids = reader.optional_strings("ids");
  const bool all = reader.optional_boolean("all").value_or(false);
  if (all == reader.has("ids")) reader.refuse("ids", "Give either ids or \"all\": true.");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  MSG_TRY(const auto actor, call.actor());
  msg::Notifications notifications(call.messenger());
  if (all) {
    MSG_CHECK(notifications.mark_all_read(actor));
  } else {
    MSG_CHECK(notifications.mark_read(actor, ids));
  }
  return no_content();
}

Outcome<Response> send_alert(const Call& call) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  const auto users = reader.optional_user_ids("user_ids");
  const auto text = reader.required_string("text");
  const auto lifetime = reader.optional_integer("lifetime_s");
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  // More seconds than fit are as wrong as the most that do.
  const std::chrono::seconds wanted{
      std::min<std::int64_t>(lifetime.value_or(msg::Notifications::kAlertLifetime.count()),
                             std::chrono::seconds(std::chrono::years(10)).count())};
  MSG_CHECK(with_units(call.administration().alert(users, text, wanted)));
  return no_content();
}

}  // namespace msgd
