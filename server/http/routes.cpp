// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>

#include "http/router.h"
#include "routes/handlers.h"

namespace msgd {
namespace {

using msg::KeyScope;

/// What is for keys only is administration, unless it says otherwise.
constexpr msg::KeyScopes scopes_of(Access access) {
  if (access == Access::key) return {KeyScope::admin};
  return {KeyScope::act_as_user};
}

constexpr Route row(std::string_view method, std::string_view pattern, Access access,
                    SyncHandler handler) {
  return {.method = method,
          .pattern = pattern,
          .access = access,
          .scopes = scopes_of(access),
          .sync = handler};
}
constexpr Route row(std::string_view method, std::string_view pattern, Access access,
                    AsyncHandler handler) {
  return {.method = method,
          .pattern = pattern,
          .access = access,
          .scopes = scopes_of(access),
          .async = handler};
}
constexpr Route scoped(msg::KeyScopes scopes, Route route) {
  route.scopes = scopes;
  return route;
}
/// Of one user, who is acted as or administered.
constexpr Route of_user(Route route) {
  return scoped({KeyScope::act_as_user, KeyScope::admin}, route);
}
constexpr Route get(std::string_view pattern, auto* handler, Access access = Access::any) {
  return row("GET", pattern, access, handler);
}
constexpr Route producing(std::string_view media_type, Route route) {
  route.produces = media_type;
  return route;
}
constexpr Route post(std::string_view pattern, auto* handler, Access access = Access::any) {
  return row("POST", pattern, access, handler);
}
constexpr Route patch(std::string_view pattern, SyncHandler handler) {
  return row("PATCH", pattern, Access::any, handler);
}
constexpr Route put(std::string_view pattern, SyncHandler handler) {
  return row("PUT", pattern, Access::any, handler);
}
constexpr Route remove(std::string_view pattern, SyncHandler handler, Access access = Access::any) {
  return row("DELETE", pattern, access, handler);
}
constexpr Route counted(RateClass what, Route route) {
  route.counted_as = what;
  return route;
}
/// A page of what can be asked for again.
constexpr Route scan(std::string_view pattern, auto* handler, Access access = Access::any) {
  Route route = row("GET", pattern, access, handler);
  route.urgency = Urgency::low;
  return route;
}
/// Answered on the I/O thread, to anybody.
constexpr Route at_once(std::string_view pattern, InlineHandler handler) {
  return {.method = "GET", .pattern = pattern, .access = Access::none, .at_once = handler};
}

/// A promised form: also without the prefix.
struct Form {
  Route route;
  constexpr Route bare() const {
    Route same = route;
    same.pattern.remove_prefix(std::string_view("/api/v1").size());
    return same;
  }
};

constexpr Form kForms[] = {
    {scoped({KeyScope::admin}, post("/api/v1/register", register_phone, Access::optional))},
    {of_user(get("/api/v1/user/{id}", get_user))},
    {counted(RateClass::sends, post("/api/v1/message/send", send_form))},
    {scan("/api/v1/message/fetch", fetch_form)},
    {post("/api/v1/user/status/update", update_status_form)},
    {scan("/api/v1/notification/fetch", list_notifications)},
    {post("/api/v1/notification/read", mark_notifications_read)},

    {counted(RateClass::groups,
             post("/api/v1/users/{user_id}/conversations", open_users_conversation))},
    {scan("/api/v1/users/{user_id}/conversations", list_users_conversations)},
    {counted(
        RateClass::sends,
        post("/api/v1/users/{user_id}/conversations/{conversation_id}/messages", send_as_user))},
    {scan("/api/v1/users/{user_id}/conversations/{conversation_id}/messages", list_users_messages)},
};

constexpr Route kReference[] = {
    // Messages, the short forms
    counted(RateClass::sends, post("/api/v1/messages", send_message)),
    scan("/api/v1/messages", list_messages),
    post("/api/v1/messages/{id}/delivered", mark_message_delivered),
    post("/api/v1/messages/{id}/read", mark_message_read),
    get("/api/v1/messages/{id}/status", get_message_status),
    scan("/api/v1/messages/{id}/recipients", list_recipients),
    scan("/api/v1/messages/{id}/receipts", list_receipts),
    scan("/api/v1/messages/{id}/revisions", list_revisions),
    scan("/api/v1/messages/{id}/reactions", list_reactions),
    counted(RateClass::sends, post("/api/v1/messages/{id}/reactions", add_reaction)),
    counted(RateClass::sends, remove("/api/v1/messages/{id}/reactions", remove_reaction)),
    counted(RateClass::sends, post("/api/v1/messages/{id}/forward", forward_message)),
    get("/api/v1/messages/{id}/origin", get_origin),
    counted(RateClass::sends, post("/api/v1/messages/{id}/pin", pin_message)),
    counted(RateClass::sends, remove("/api/v1/messages/{id}/pin", unpin_message)),
    get("/api/v1/messages/{id}", get_message),
    counted(RateClass::sends, patch("/api/v1/messages/{id}", edit_message)),
    counted(RateClass::sends, remove("/api/v1/messages/{id}", delete_message)),

    // Conversations
    counted(RateClass::groups, post("/api/v1/conversations", open_conversation)),
    scan("/api/v1/conversations", list_conversations),
    get("/api/v1/conversations/{id}", get_conversation),
    counted(RateClass::groups, patch("/api/v1/conversations/{id}", rename_conversation)),
    counted(RateClass::sends, post("/api/v1/conversations/{id}/messages", send_to_conversation)),
    scan("/api/v1/conversations/{id}/messages", list_conversation_messages),
    scan("/api/v1/conversations/{id}/pins", list_pins),
    post("/api/v1/conversations/{id}/delivered", mark_delivered),
    post("/api/v1/conversations/{id}/read", mark_read),
    post("/api/v1/conversations/{id}/unread", mark_unread),
    patch("/api/v1/conversations/{id}/preferences", prefer),
    post("/api/v1/conversations/read", mark_all_read),
    post("/api/v1/conversations/{id}/typing", post_typing),
    post("/api/v1/conversations/{id}/recording", post_recording),
    scan("/api/v1/conversations/{id}/members", list_members),
    counted(RateClass::groups, post("/api/v1/conversations/{id}/members", add_member)),
    counted(RateClass::groups, patch("/api/v1/conversations/{id}/members/{user_id}", change_role)),
    counted(RateClass::groups,
            remove("/api/v1/conversations/{id}/members/{user_id}", remove_member)),
    counted(RateClass::groups, patch("/api/v1/conversations/{id}/rules", change_rules)),
    counted(RateClass::groups, post("/api/v1/conversations/{id}/invitations", create_invitation)),
    scan("/api/v1/conversations/{id}/invitations", list_invitations),
    counted(RateClass::groups, remove("/api/v1/invitations/{token}", revoke_invitation)),
    counted(RateClass::groups, post("/api/v1/conversations/join", join_conversation)),
    scan("/api/v1/conversations/{id}/join-requests", list_join_requests),
    counted(RateClass::groups,
            post("/api/v1/conversations/{id}/join-requests/{user_id}", accept_join_request)),
    counted(RateClass::groups,
            remove("/api/v1/conversations/{id}/join-requests/{user_id}", decline_join_request)),
    counted(RateClass::groups, post("/api/v1/conversations/{id}/accept", accept_direct)),
    scan("/api/v1/notifications", list_notifications),
    post("/api/v1/notifications/read", mark_notifications_read),
    get("/api/v1/sync", get_sync),
    producing("text/event-stream", get("/api/v1/events", open_events, Access::any_or_ticket)),

    // Users
    post("/api/v1/users", create_user, Access::key),
    scan("/api/v1/users", list_users, Access::key),
    of_user(get("/api/v1/users/{id}", get_user)),
    of_user(patch("/api/v1/users/{id}", update_user)),
    counted(RateClass::searches,
            of_user(get("/api/v1/users/by-username/{username}", get_user_by_username))),
    get("/api/v1/users/by-phone/{phone}", get_user_by_phone, Access::key),
    get("/api/v1/me", get_me),
    scan("/api/v1/me/blocks", list_blocks),
    counted(RateClass::groups, put("/api/v1/me/blocks/{user_id}", block_user)),
    counted(RateClass::groups, remove("/api/v1/me/blocks/{user_id}", unblock_user)),
    get("/api/v1/presence", get_presence),
    post("/api/v1/alerts", send_alert, Access::key),

    // Access
    post("/api/v1/users/{id}/sessions", create_session, Access::key),
    of_user(scan("/api/v1/sessions", list_sessions)),
    of_user(patch("/api/v1/sessions/{id}", rename_session)),
    of_user(remove("/api/v1/sessions/{id}", revoke_session)),
    remove("/api/v1/sessions", revoke_other_sessions),
    counted(RateClass::sign_in, post("/api/v1/auth/codes", request_code, Access::none)),
    post("/api/v1/auth/sessions", sign_in, Access::none),
    post("/api/v1/auth/jwt", sign_in_by_jwt, Access::none),
    post("/api/v1/me/phone", change_phone),
    put("/api/v1/me/pin", set_pin),
    remove("/api/v1/me/pin", remove_pin),
    post("/api/v1/tickets", create_ticket),
    post("/api/v1/keys", create_key, Access::key),
    scan("/api/v1/keys", list_keys, Access::key),
    remove("/api/v1/keys/{id}", revoke_key, Access::key),
    scan("/api/v1/audit", list_audit, Access::key),

    // Operation
    counted(RateClass::none, at_once("/healthz", get_health)),
    counted(RateClass::none, get("/readyz", get_readiness, Access::none)),
    scoped({KeyScope::read_metrics},
           producing("", get("/metrics", get_metrics, Access::key_or_open))),
    scoped({KeyScope::read_metrics, KeyScope::admin},
           get("/api/v1/nodes", list_nodes, Access::key)),
    get("/api/v1/log", list_problems, Access::key),
    at_once("/openapi.json", get_openapi),
    at_once("/asyncapi.json", get_asyncapi),
};

/// The first form's name of an operation of the reference.
constexpr Route kBareUsers = post("/users", create_user, Access::key);

constexpr auto kRoutes = [] {
  std::array<Route, std::size(kReference) + 2 * std::size(kForms) + 1> all{};
  auto out = std::ranges::copy(kReference, all.begin()).out;
  for (const Form& form : kForms) {
    *out++ = form.route;
    *out++ = form.bare();
  }
  *out = kBareUsers;
  return all;
}();

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

}  // namespace msgd
