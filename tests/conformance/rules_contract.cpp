// SPDX-License-Identifier: Apache-2.0
#include "msg/rules.h"

#include <optional>

#include "event_log.h"
#include "moderation_contract.h"

namespace msg::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

using RulesContract = ModerationContract;

TEST_P(RulesContract, RulesAreKeptAndToldToTheMembers) {
  std::optional<EventLog> bob(std::in_place, *messenger_, bob_);
  const auto changed = change({.send = Role::admin,
                               .add = Role::member,
                               .rename = Role::owner,
                               .pin = Role::member,
                               .slow_mode = seconds{30},
                               .history_for_newcomers = true,
                               .members_max = 5});
  const GroupRules expected{.send = Role::admin,
                            .add = Role::member,
                            .rename = Role::owner,
                            .pin = Role::member,
                            .slow_mode = seconds{30},
                            .history_for_newcomers = true,
                            .members_max = 5};
  EXPECT_EQ(changed.rules, expected);
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).conversation.rules, expected);
  const auto again = change({.slow_mode = seconds{30}});
  EXPECT_EQ(again.version, changed.version) << "nothing changed";
  const auto told = bob->all<ConversationEvent>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().conversation.rules, expected);
  if (!GetParam().durable) return;
  bob.reset();
  reopen();
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).conversation.rules, expected);
}

TEST_P(RulesContract, AdminsChangeRulesAndNobodySetsARoleAboveTheirOwn) {
  const RulesPatch patch{.slow_mode = seconds{1}};
  EXPECT_TRUE(refuses(moderation().change_rules(bob_.id, room_, patch), Code::permission_denied));
  EXPECT_TRUE(refuses(moderation().change_rules(carol_.id, room_, patch), Code::not_found));
  EXPECT_TRUE(
      refuses(moderation().change_rules(alice_.id, direct(alice_, bob_), patch), Code::conflict));
  must(messenger_->change_role(alice_.id, room_, bob_.id, Role::admin));
  must(moderation().change_rules(bob_.id, room_, patch));
  EXPECT_TRUE(refuses(moderation().change_rules(bob_.id, room_, {.send = Role::owner}),
                      Code::permission_denied));
  change({.rename = Role::owner});
  EXPECT_TRUE(refuses(moderation().change_rules(bob_.id, room_, {.rename = Role::member}),
                      Code::permission_denied));
  must(moderation().change_rules(bob_.id, room_, {.rename = Role::owner}));
  EXPECT_TRUE(refuses(moderation().change_rules(alice_.id, room_, {.slow_mode = seconds{-1}}),
                      Code::invalid_argument, "slow_mode"));
  EXPECT_TRUE(
      refuses(moderation().change_rules(alice_.id, room_, {.slow_mode = kSlowModeMax + seconds{1}}),
              Code::invalid_argument, "slow_mode"));
  EXPECT_TRUE(refuses(moderation().change_rules(alice_.id, room_, {.members_max = 1'000'000}),
                      Code::invalid_argument, "members_max"));
}

TEST_P(RulesContract, OnlyAdminsWriteAnnouncements) {
  const auto before = must(try_send(bob_, room_, "before"));
  change({.send = Role::admin});
  EXPECT_TRUE(refuses(try_send(bob_, room_, "after"), Code::permission_denied));
  EXPECT_EQ(must(try_send(bob_, room_, "before")).id, before.id) << "it was sent long ago";
  const auto sent = must(try_send(alice_, room_));
  must(messenger_->react(bob_.id, {.message = sent.id, .emoji = "+1"}));
  change({.send = Role::member});
  must(try_send(bob_, room_));
}

TEST_P(RulesContract, EachRuleMovesItsOwnLine) {
  const auto sent = send(bob_, room_, "text");
  EXPECT_TRUE(refuses(messenger_->pin(bob_.id, sent.id), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->rename_group(bob_.id, room_, "new"), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->add_member(bob_.id, room_, carol_.id, Role::member),
                      Code::permission_denied));
  change({.pin = Role::member});
  must(messenger_->pin(bob_.id, sent.id));
  EXPECT_TRUE(refuses(messenger_->rename_group(bob_.id, room_, "new"), Code::permission_denied));
  change({.rename = Role::member});
  must(messenger_->rename_group(bob_.id, room_, "new"));
  EXPECT_TRUE(refuses(messenger_->add_member(bob_.id, room_, carol_.id, Role::member),
                      Code::permission_denied));
  change({.add = Role::member});
  EXPECT_TRUE(refuses(messenger_->add_member(bob_.id, room_, carol_.id, Role::admin),
                      Code::permission_denied));
  must(messenger_->add_member(bob_.id, room_, carol_.id, Role::member));
}

TEST_P(RulesContract, SlowModeMakesMembersWaitAndNotAdmins) {
  change({.slow_mode = seconds{10}});
  must(try_send(bob_, room_, "first"));
  advance(seconds{4});
  const auto refused = try_send(bob_, room_, "second");
  EXPECT_TRUE(refuses(refused, Code::rate_limited));
  EXPECT_EQ(refused.error().retry_after, seconds{6});
  must(try_send(bob_, room_, "first"));  // a repetition is no second message
  must(try_send(alice_, room_));
  must(try_send(alice_, room_));
  advance(seconds{6});
  must(try_send(bob_, room_, "second"));
  EXPECT_TRUE(refuses(try_send(bob_, room_), Code::rate_limited));
  change({.slow_mode = seconds{0}});
  must(try_send(bob_, room_));
}

TEST_P(RulesContract, SlowModeCountsWhatIsSentInOneCommit) {
  change({.slow_mode = seconds{10}});
  const std::vector<Draft> drafts(
      3, Draft{.conversation = room_, .sender = bob_.id, .content = "text"});
  const auto sent = messenger_->send_many(drafts);
  must(sent[0]);
  EXPECT_TRUE(refuses(sent[1], Code::rate_limited));
  EXPECT_TRUE(refuses(sent[2], Code::rate_limited));
}

TEST_P(RulesContract, NewcomersReadHistoryWhereTheRulesSaySo) {
  send(alice_, room_, "one");
  const auto dora = add_user("dora");
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
  change({.history_for_newcomers = true});
  must(messenger_->add_member(alice_.id, room_, dora.id, Role::member));
  send(alice_, room_, "two");
  const auto read_by = [&](const User& user) {
    return seqs(must(messenger_->history(user.id, {.conversation = room_})).items);
  };
  EXPECT_THAT(read_by(carol_), ElementsAre(2)) << "as it was when she joined";
  EXPECT_THAT(read_by(dora), testing::UnorderedElementsAre(1, 2));
  EXPECT_EQ(unread(dora, room_), 1);
}

/// Who joins with the history in view is offered it by every way out; who does not, by none.
TEST_P(RulesContract, HistoryIsTheSameOnEveryWayOut) {
  const auto old = send(alice_, room_, "before");
  const auto pinned = send(alice_, room_, "pinned");
  must(messenger_->pin(alice_.id, pinned.id));
  const auto dora = add_user("dora");
  const auto begin = must(messenger_->sync_position());
  EventLog carol(*messenger_, carol_);
  EventLog dora_there(*messenger_, dora);
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
  change({.history_for_newcomers = true});
  must(messenger_->add_member(alice_.id, room_, dora.id, Role::member));
  EventLog dora_later(*messenger_, dora);
  EventLog carol_later(*messenger_, carol_);
  must(messenger_->edit(alice_.id, {.message = old.id, .content = "after all"}));
  must(messenger_->send({.conversation = room_,
                         .sender = alice_.id,
                         .content = "see above",
                         .reply_to = old.id.seq}));

  for (EventLog* log : {&dora_there, &dora_later}) {
    EXPECT_EQ(log->all<MessageChangeEvent>().size(), 1U);
    ASSERT_EQ(log->all<MessageEvent>().size(), 1U);
    EXPECT_TRUE(log->all<MessageEvent>().front().message.quote);
  }
  for (EventLog* log : {&carol, &carol_later}) {
    EXPECT_THAT(log->all<MessageChangeEvent>(), IsEmpty());
    ASSERT_EQ(log->all<MessageEvent>().size(), 1U);
    EXPECT_FALSE(log->all<MessageEvent>().front().message.quote);
  }
  const auto synced = [&](const User& user) {
    return seqs(must(messenger_->sync(user.id, {.cursor = begin})).conversations.at(0).messages);
  };
  EXPECT_THAT(synced(dora), ElementsAre(1, 2, 3));
  EXPECT_THAT(synced(carol_), ElementsAre(3));
  const auto others = direct(dora, carol_);
  const auto try_forward = [&](const User& user) {
    return messenger_->forward(
        {.message = old.id, .sender = user.id, .conversation = others, .client_id = {}});
  };
  EXPECT_EQ(must(try_forward(dora)).content, "after all");
  EXPECT_TRUE(refuses(try_forward(carol_), Code::not_found));
  EXPECT_THAT(must(messenger_->load_conversation(dora.id, room_)).pinned, ElementsAre(Seq{2}));
  EXPECT_THAT(must(messenger_->load_conversation(carol_.id, room_)).pinned, IsEmpty());
  must(messenger_->react(dora.id, {.message = old.id, .emoji = "+1"}));
  EXPECT_TRUE(
      refuses(messenger_->react(carol_.id, {.message = old.id, .emoji = "+1"}), Code::not_found));
}

/// To read what was said before is not to have been told it then.
TEST_P(RulesContract, NewcomersAreNoRecipientsOfWhatWasSaidBefore) {
  const auto before = send(alice_, room_, "before");
  change({.history_for_newcomers = true});
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
  const auto after = send(alice_, room_, "after");
  read(carol_, room_, 2);
  const auto readers = [&](const Message& message) {
    std::vector<UserId> users;
    for (const auto& one : must(messenger_->list_recipients(alice_.id, message.id, {})).items) {
      users.push_back(one.user);
    }
    return users;
  };
  EXPECT_THAT(readers(before), ElementsAre(bob_.id));
  EXPECT_THAT(readers(after), ElementsAre(bob_.id, carol_.id));
  EXPECT_EQ(must(messenger_->message_status(alice_.id, before.id)).read_count, 0);
  EXPECT_EQ(must(messenger_->message_status(alice_.id, after.id)).read_count, 1);
}

TEST_P(RulesContract, WhoLeftReadsNoRulesOfToday) {
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  change({.slow_mode = seconds{30}, .history_for_newcomers = true});
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).conversation.rules, GroupRules{});
}

TEST_P(RulesContract, AGroupIsAsLargeAsItsRulesSay) {
  change({.members_max = 2});
  EXPECT_TRUE(
      refuses(messenger_->add_member(alice_.id, room_, carol_.id, Role::member), Code::conflict));
  const auto invitation = invite({.conversation = room_});
  EXPECT_TRUE(refuses(join(carol_, invitation.token), Code::conflict));
  change({.members_max = 0});
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
}

MSG_FOR_EACH_BACKEND(RulesContract);

}  // namespace
}  // namespace msg::test
