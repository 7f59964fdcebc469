// SPDX-License-Identifier: Apache-2.0
#include "messenger/policy.h"

#include <algorithm>

namespace msg {
namespace {

std::unexpected<Error> deny(std::string why) {
  return fail(Code::permission_denied, std::move(why));
}

Result<void> require_active(const MemberRow& actor) {
  if (actor.active) return {};
  return deny("You are no longer a member of this conversation.");
}

Result<void> require_role(const MemberRow& actor, Role least, std::string_view what) {
  if (actor.role >= least) return {};
  return deny("Only " + std::string{least == Role::owner ? "owners" : "admins"} + ' ' +
              std::string{what} + '.');
}

Result<void> require_group(const ConversationRow& conversation) {
  if (conversation.kind == ConversationKind::group) return {};
  return fail(Code::conflict, "A direct conversation has no title and always the same members.");
}

/// The one who is blocked is told no more than that.
Result<void> require_peace(const ConversationRow& conversation) {
  const DirectState& direct = conversation.direct;
  if (!direct.low_blocks && !direct.high_blocks) return {};
  return deny("These two users do not talk to each other.");
}

/// One message is the request to talk.
Result<void> require_acceptance(const ConversationRow& conversation, const MemberRow& actor) {
  const bool others_turn = actor.user == conversation.direct_low ? conversation.direct.awaits_high
                                                                 : conversation.direct.awaits_low;
  if (!others_turn || conversation.last_seq == Seq{}) return {};
  return deny("The other one has not accepted the conversation yet.");
}

}  // namespace

Result<void> may(Act act, const ConversationRow& conversation, const MemberRow& actor) {
  MSG_CHECK(require_active(actor));
  const bool is_direct = conversation.kind == ConversationKind::direct;
  const GroupRules& rules = conversation.rules;
  switch (act) {
    case Act::look:
      return {};
    case Act::react:
      return require_peace(conversation);
    case Act::send:
      MSG_CHECK(require_peace(conversation));
      if (is_direct) return require_acceptance(conversation, actor);
      return require_role(actor, rules.send, "write in this group");
    case Act::pin:
      MSG_CHECK(require_peace(conversation));
      if (is_direct) return {};
      return require_role(actor, rules.pin, "pin messages in this group");
    case Act::moderate:
      if (is_direct) return deny("Only its sender deletes it.");
      return require_role(actor, Role::admin, "delete others' messages");
    case Act::rename:
      MSG_CHECK(require_group(conversation));
      return require_role(actor, rules.rename, "rename this group");
    case Act::add:
      MSG_CHECK(require_group(conversation));
      return require_role(actor, rules.add, "add members to this group");
    case Act::change_group:
      MSG_CHECK(require_group(conversation));
      return require_role(actor, Role::admin, "change the rules of a group");
  }
  return {};
}

Result<void> require_in_group(const ConversationRow& conversation, const MemberRow& actor) {
  MSG_CHECK(require_active(actor));
  return require_group(conversation);
}

Result<void> may_remove(const ConversationRow& conversation, const MemberRow& actor,
                        const MemberRow& member) {
  MSG_CHECK(require_in_group(conversation, actor));
  if (member.user == actor.user) return {};
  MSG_CHECK(require_role(actor, Role::admin, "remove members"));
  if (actor.role == Role::owner || member.role < actor.role) return {};
  return deny("An admin removes members, not admins or owners.");
}

Result<void> may_change_role(const ConversationRow& conversation, const MemberRow& actor, Role now,
                             Role role) {
  MSG_CHECK(require_in_group(conversation, actor));
  MSG_CHECK(require_role(actor, Role::admin, "change roles"));
  if (actor.role == Role::owner || (now < actor.role && role <= actor.role)) return {};
  return deny("An admin makes members admins, no more.");
}

Result<void> may_give(const MemberRow& actor, Role role) {
  if (role <= actor.role) return {};
  return deny("Nobody gives a role above their own.");
}

Readable readable(const ConversationRow& conversation, const MemberRow& member) {
  return {.first = member.visible_from,
          .last = member.visible_until.value_or(conversation.last_seq)};
}

bool is_slowed(const ConversationRow& conversation, const MemberRow& sender) {
  return conversation.rules.slow_mode.count() > 0 && sender.role < Role::admin;
}

std::int64_t members_max(const ConversationRow& conversation, std::int64_t limit) {
  const std::int64_t own = conversation.rules.members_max;
  return own == 0 ? limit : std::min(own, limit);
}

}  // namespace msg
