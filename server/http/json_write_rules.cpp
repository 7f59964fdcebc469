// SPDX-License-Identifier: Apache-2.0
// Conversations, with what may be done there and by whom.
#include "http/json_write.h"

namespace msgd {
namespace {

void append_rules(std::string& out, const msg::GroupRules& rules) {
  JsonObject(out)
      .text("send", msg::to_string(rules.send))
      .text("add", msg::to_string(rules.add))
      .text("rename", msg::to_string(rules.rename))
      .text("pin", msg::to_string(rules.pin))
      .number("slow_mode_s", rules.slow_mode.count())
      .boolean("history_for_newcomers", rules.history_for_newcomers)
      .number("members_max", rules.members_max);
}

void append_user_id(std::string& out, msg::UserId user) {
  append_json_string(out, std::to_string(msg::to_int(user)));
}

}  // namespace

void append_conversation(std::string& out, const msg::Conversation& conversation) {
  JsonObject json(out);
  json.id("id", conversation.id)
      .text("kind", msg::to_string(conversation.kind))
      .text_or_null("title", conversation.title)
      .array("direct_user_ids", conversation.direct_users, append_user_id)
      .id("created_by", conversation.created_by)
      .time("created_at", conversation.created_at)
      .seq("last_seq", conversation.last_seq)
      .number("member_count", conversation.member_count);
  if (conversation.kind == msg::ConversationKind::group) {
    json.value("rules", [&](std::string& o) { append_rules(o, conversation.rules); });
  } else {
    json.null("rules");
  }
  if (conversation.awaits) {
    json.id("awaits", *conversation.awaits);
  } else {
    json.null("awaits");
  }
  json.id("version", conversation.version);
}

void append_invitation(std::string& out, const msg::Invitation& invitation) {
  JsonObject json(out);
  json.text("token", invitation.token)
      .id("conversation_id", invitation.conversation)
      .id("created_by", invitation.created_by)
      .time("created_at", invitation.created_at)
      .time("expires_at", invitation.expires_at);
  if (invitation.uses_left) {
    json.number("uses_left", *invitation.uses_left);
  } else {
    json.null("uses_left");
  }
  json.boolean("needs_approval", invitation.needs_approval);
}

void append_join_request(std::string& out, const msg::JoinRequest& request) {
  JsonObject(out)
      .id("conversation_id", request.conversation)
      .id("user_id", request.user)
      .time("at", request.at);
}

void append_block(std::string& out, const msg::Block& block) {
  JsonObject(out).id("user_id", block.user).time("at", block.at);
}

}  // namespace msgd
