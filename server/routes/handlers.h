// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/errors.h"
#include "routes/call.h"

/// Every handler of the table in http/routes.cpp: parse, ask the Messenger, serialise. What each
/// takes and gives is written in docs/http-api.md; no rule of who may do what stands in any.
namespace msgd {

// messages.cpp, and history.cpp for what reads
Outcome<void> send_message(const Call& call, Answer answer);
Outcome<void> send_to_conversation(const Call& call, Answer answer);
Outcome<Response> list_messages(const Call& call);
Outcome<Response> list_conversation_messages(const Call& call);
Outcome<Response> get_message(const Call& call);

// changes.cpp
Outcome<Response> edit_message(const Call& call);
Outcome<Response> delete_message(const Call& call);
Outcome<Response> list_revisions(const Call& call);

// forward.cpp
Outcome<Response> forward_message(const Call& call);
Outcome<Response> get_origin(const Call& call);

// reactions.cpp
Outcome<Response> list_reactions(const Call& call);
Outcome<Response> add_reaction(const Call& call);
Outcome<Response> remove_reaction(const Call& call);

// pins.cpp
Outcome<Response> pin_message(const Call& call);
Outcome<Response> unpin_message(const Call& call);
Outcome<Response> list_pins(const Call& call);

// receipts.cpp
Outcome<void> mark_message_delivered(const Call& call, Answer answer);
Outcome<void> mark_message_read(const Call& call, Answer answer);
Outcome<void> mark_delivered(const Call& call, Answer answer);
Outcome<void> mark_read(const Call& call, Answer answer);
Outcome<Response> get_message_status(const Call& call);
Outcome<Response> list_recipients(const Call& call);
Outcome<Response> mark_all_read(const Call& call);
Outcome<Response> mark_unread(const Call& call);
Outcome<Response> prefer(const Call& call);
Outcome<Response> list_receipts(const Call& call);
Outcome<Response> post_typing(const Call& call);
Outcome<Response> post_recording(const Call& call);

// conversations.cpp
Outcome<Response> open_conversation(const Call& call);
Outcome<Response> list_conversations(const Call& call);
Outcome<Response> get_conversation(const Call& call);
Outcome<Response> rename_conversation(const Call& call);

// members.cpp
Outcome<Response> list_members(const Call& call);
Outcome<Response> add_member(const Call& call);
Outcome<Response> change_role(const Call& call);
Outcome<Response> remove_member(const Call& call);

// moderation.cpp
Outcome<Response> change_rules(const Call& call);
Outcome<Response> create_invitation(const Call& call);
Outcome<Response> list_invitations(const Call& call);
Outcome<Response> revoke_invitation(const Call& call);
Outcome<Response> join_conversation(const Call& call);
Outcome<Response> list_join_requests(const Call& call);
Outcome<Response> accept_join_request(const Call& call);
Outcome<Response> decline_join_request(const Call& call);
Outcome<Response> accept_direct(const Call& call);
Outcome<Response> block_user(const Call& call);
Outcome<Response> unblock_user(const Call& call);
Outcome<Response> list_blocks(const Call& call);

// users.cpp
Outcome<Response> create_user(const Call& call);
Outcome<Response> list_users(const Call& call);
Outcome<Response> get_user(const Call& call);
Outcome<Response> get_user_by_username(const Call& call);
Outcome<Response> get_user_by_phone(const Call& call);
Outcome<Response> update_user(const Call& call);
Outcome<Response> get_me(const Call& call);

// forms.cpp
Outcome<Response> register_phone(const Call& call);
Outcome<void> send_form(const Call& call, Answer answer);
Outcome<Response> fetch_form(const Call& call);
Outcome<Response> update_status_form(const Call& call);

// notifications.cpp
Outcome<Response> list_notifications(const Call& call);
Outcome<Response> mark_notifications_read(const Call& call);
Outcome<Response> send_alert(const Call& call);

// user_forms.cpp
Outcome<Response> open_users_conversation(const Call& call);
Outcome<Response> list_users_conversations(const Call& call);
Outcome<void> send_as_user(const Call& call, Answer answer);
Outcome<Response> list_users_messages(const Call& call);

// presence.cpp
Outcome<Response> get_presence(const Call& call);

// access.cpp
Outcome<Response> create_session(const Call& call);
Outcome<Response> list_sessions(const Call& call);
Outcome<Response> revoke_session(const Call& call);
Outcome<Response> create_key(const Call& call);
Outcome<Response> list_keys(const Call& call);
Outcome<Response> revoke_key(const Call& call);
Outcome<Response> list_audit(const Call& call);

// sign_in.cpp
Outcome<Response> request_code(const Call& call);
Outcome<Response> sign_in(const Call& call);
Outcome<Response> sign_in_by_jwt(const Call& call);
Outcome<Response> change_phone(const Call& call);
Outcome<Response> set_pin(const Call& call);
Outcome<Response> remove_pin(const Call& call);
Outcome<Response> rename_session(const Call& call);
Outcome<Response> revoke_other_sessions(const Call& call);
Outcome<Response> create_ticket(const Call& call);

// sync.cpp
Outcome<void> get_sync(const Call& call, Answer answer);
Outcome<Response> open_events(const Call& call);

// ops.cpp
Outcome<Response> get_health(const Call& call);
Outcome<Response> get_readiness(const Call& call);
Outcome<Response> get_metrics(const Call& call);
Outcome<Response> list_problems(const Call& call);
Outcome<Response> list_nodes(const Call& call);
Outcome<Response> get_openapi(const Call& call);
Outcome<Response> get_asyncapi(const Call& call);

}  // namespace msgd
