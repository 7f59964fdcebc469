// SPDX-License-Identifier: Apache-2.0
#include "make.h"

namespace pymsg {
namespace {

Record rules_record("GroupRules", {"send", "add", "rename", "pin", "slow_mode",
                                   "history_for_newcomers", "members_max"});
Record conversation_record("Conversation",
                           {"id", "kind", "title", "direct_users", "created_by", "created_at",
                            "last_seq", "member_count", "version", "rules", "awaits"});
Record member_record("Member",
                     {"conversation", "user", "role", "active", "visible_from", "visible_until",
                      "delivered", "read", "delivered_at", "read_at", "joined_at", "version"});
Record view_record("ConversationView", {"conversation", "own", "last_message", "unread_count",
                                        "mention_count", "pinned", "unread_from", "preferences"});
Record preferences_record("Preferences", {"pinned", "archived", "muted_until"});
Record mark_record("UnreadMark", {"conversation", "unread_from", "unread_count"});
Record invitation_record("Invitation", {"token", "conversation", "created_by", "created_at",
                                        "expires_at", "uses_left", "needs_approval"});
Record join_request_record("JoinRequest", {"conversation", "user", "at"});
Record delta_record("ConversationDelta",
                    {"view", "messages", "missing", "stale", "members", "more_members"});
Record sync_record("SyncPage", {"conversations", "cursor", "has_more", "resumed"});
Record page_record("Page", {"items", "next", "prev", "has_more", "has_prev"});

PyObject* make_rules(const msg::GroupRules& rules) {
  return Maker(rules_record)(make(rules.send))(make(rules.add))(make(rules.rename))(make(
      rules.pin))(make(rules.slow_mode))(make(rules.history_for_newcomers))(make(rules.members_max))
      .done();
}

PyObject* make_range(const std::optional<msg::SeqRange>& range) {
  if (!range) return none();
  return tuple_of(std::vector{range->from, range->to}, [](msg::Seq seq) { return make(seq); });
}

PyObject* make_delta(const msg::ConversationDelta& delta, msg::UserId reader) {
  const auto one = [reader](const msg::Message& message) { return make(message, reader); };
  return Maker(delta_record)(make(delta.view, reader))(tuple_of(delta.messages, one))(make_range(
      delta.missing))(make_range(delta.stale))(make(delta.members))(make(delta.more_members))
      .done();
}

}  // namespace

PyObject* make(const msg::Conversation& conversation) {
  const bool is_group = conversation.kind == msg::ConversationKind::group;
  Maker made(conversation_record);
  made(make(conversation.id))(make(conversation.kind))(make(conversation.title));
  made(make(conversation.direct_users))(make(conversation.created_by));
  made(make(conversation.created_at))(make(conversation.last_seq));
  made(make(conversation.member_count))(make(conversation.version));
  made(is_group ? make_rules(conversation.rules) : none());
  return made(make(conversation.awaits)).done();
}

PyObject* make(const msg::Member& member) {
  Maker made(member_record);
  made(make(member.conversation))(make(member.user))(make(member.role))(make(member.active));
  made(make(member.visible_from))(make(member.visible_until))(make(member.delivered));
  made(make(member.read))(make(member.delivered_at))(make(member.read_at));
  return made(make(member.joined_at))(make(member.version)).done();
}

PyObject* make(const msg::ConversationView& view, msg::UserId reader) {
  Maker made(view_record);
  made(make(view.conversation))(make(view.self));
  made(view.last_message ? make(*view.last_message, reader) : none());
  made(make(view.unread_count))(make(view.mention_count))(make(view.pinned));
  return made(make(view.unread_from))(make(view.preferences)).done();
}

PyObject* make(const msg::Preferences& preferences) {
  return Maker(preferences_record)(make(preferences.pinned))(make(preferences.archived))(
             make(preferences.muted_until))
      .done();
}

PyObject* make(const msg::UnreadMark& mark) {
  return Maker(mark_record)(make(mark.conversation))(make(mark.unread_from))(
             make(mark.unread_count))
      .done();
}

PyObject* make(const msg::Invitation& invitation) {
  Maker made(invitation_record);
  made(make(invitation.token))(make(invitation.conversation))(make(invitation.created_by));
  made(make(invitation.created_at))(make(invitation.expires_at))(make(invitation.uses_left));
  return made(make(invitation.needs_approval)).done();
}

PyObject* make(const msg::JoinRequest& request) {
  return Maker(join_request_record)(make(request.conversation))(make(request.user))(
             make(request.at))
      .done();
}

PyObject* make(const msg::SyncPage& page, msg::UserId reader) {
  const auto one = [reader](const msg::ConversationDelta& delta) {
    return make_delta(delta, reader);
  };
  return Maker(sync_record)(tuple_of(page.conversations, one))(make(page.cursor))(
             make(page.has_more))(make(page.resumed))
      .done();
}

PyObject* make_page(PyObject* items, const std::string& next, const std::string& prev,
                    bool has_more, bool has_prev) {
  return Maker(page_record)(items)(make(next))(make(prev))(make(has_more))(make(has_prev)).done();
}

void look_up_conversations(const py::module_& types) {
  for (Record* record : {&rules_record, &conversation_record, &member_record, &view_record,
                         &preferences_record, &mark_record, &invitation_record,
                         &join_request_record, &delta_record, &sync_record, &page_record}) {
    record->look_up(types);
  }
}

}  // namespace pymsg
