// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/impl.h"
#include "messenger/join.h"
#include "moderation/group.h"
#include "msg/moderation.h"

namespace msg {
namespace {

Result<void> check(const RulesPatch& patch, const Limits& limits) {
  const auto slow = patch.slow_mode.value_or(std::chrono::seconds{0});
  if (slow.count() < 0 || slow > kSlowModeMax) {
    return fail(
        Code::invalid_argument,
        "Must be from 0 to " + std::to_string(kSlowModeMax / std::chrono::seconds{1}) + " seconds.",
        "slow_mode");
  }
  const std::int64_t most = patch.members_max.value_or(0);
  if (most < 0 || most > limits.group_members_max) {
    return fail(Code::invalid_argument,
                "Must be from 0 to " + std::to_string(limits.group_members_max) + ".",
                "members_max");
  }
  return {};
}

/// What owners keep to themselves no admin gives to others.
Result<void> set(const MemberRow& actor, Role& rule, const std::optional<Role>& role) {
  if (!role || *role == rule) return {};
  MSG_CHECK(may_give(actor, std::max(*role, rule)));
  rule = *role;
  return {};
}

Result<Conversation> change(Batch& batch, UserId actor, ConversationId id,
                            const RulesPatch& patch) {
  MSG_TRY(const auto found, find_for(batch, actor, id, Act::change_group));
  GroupRules rules = found.conversation->rules;
  MSG_CHECK(set(*found.actor, rules.send, patch.send));
  MSG_CHECK(set(*found.actor, rules.add, patch.add));
  MSG_CHECK(set(*found.actor, rules.rename, patch.rename));
  MSG_CHECK(set(*found.actor, rules.pin, patch.pin));
  rules.slow_mode = patch.slow_mode.value_or(rules.slow_mode);
  rules.history_for_newcomers = patch.history_for_newcomers.value_or(rules.history_for_newcomers);
  rules.members_max = patch.members_max.value_or(rules.members_max);
  if (found.conversation->rules != rules) {
    found.conversation->rules = rules;
    announce(batch, *found.conversation);
  }
  return to_conversation(*found.conversation);
}

}  // namespace

Result<Conversation> Moderation::change_rules(UserId actor, ConversationId conversation,
                                              const RulesPatch& patch) {
  auto& impl = MessengerInside::of(messenger_);
  MSG_CHECK(check(patch, impl.options.limits));
  return impl.committer.run<Conversation>(
      [&](Batch& batch) { return change(batch, actor, conversation, patch); },
      {.touch = Touch{conversation, actor, {}}});
}

}  // namespace msg
