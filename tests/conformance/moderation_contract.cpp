// SPDX-License-Identifier: Apache-2.0
#include "msg/moderation.h"

#include <optional>

#include "contract.h"
#include "event_log.h"
#include "msg/maintenance.h"

namespace msg::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

class ModerationContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId room_ = group(alice_, {bob_.id});

  Moderation moderation() { return Moderation{*messenger_}; }
  Conversation change(const RulesPatch& patch) {
    return must(moderation().change_rules(alice_.id, room_, patch));
  }
  Result<Message> try_send(const User& sender, ConversationId conversation,
                           const std::string& client_id = {}) {
    return messenger_->send({.conversation = conversation,
                             .sender = sender.id,
                             .content = "text",
                             .client_id = client_id});
  }
  Invitation invite(const NewInvitation& wanted) {
    return must(moderation().create_invitation(alice_.id, wanted));
  }
  Result<std::optional<Member>> join(const User& user, const std::string& token) {
    return moderation().join(user.id, token);
  }
  std::vector<UserId> asking() {
    std::vector<UserId> users;
    for (const auto& one : must(moderation().list_join_requests(alice_.id, room_, {})).items) {
      users.push_back(one.user);
    }
    return users;
  }
};

// Rules of a group --------------------------------------------------------------------------------

TEST_P(ModerationContract, RulesAreKeptAndToldToTheMembers) {
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

TEST_P(ModerationContract, AdminsChangeRulesAndNobodySetsARoleAboveTheirOwn) {
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

TEST_P(ModerationContract, OnlyAdminsWriteAnnouncements) {
  const auto before = must(try_send(bob_, room_, "before"));
  change({.send = Role::admin});
  EXPECT_TRUE(refuses(try_send(bob_, room_, "after"), Code::permission_denied));
  EXPECT_EQ(must(try_send(bob_, room_, "before")).id, before.id) << "it was sent long ago";
  const auto sent = must(try_send(alice_, room_));
  must(messenger_->react(bob_.id, {.message = sent.id, .emoji = "+1"}));
  change({.send = Role::member});
  must(try_send(bob_, room_));
}

TEST_P(ModerationContract, EachRuleMovesItsOwnLine) {
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

TEST_P(ModerationContract, SlowModeMakesMembersWaitAndNotAdmins) {
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

TEST_P(ModerationContract, SlowModeCountsWhatIsSentInOneCommit) {
  change({.slow_mode = seconds{10}});
  const std::vector<Draft> drafts(
      3, Draft{.conversation = room_, .sender = bob_.id, .content = "text"});
  const auto sent = messenger_->send_many(drafts);
  must(sent[0]);
  EXPECT_TRUE(refuses(sent[1], Code::rate_limited));
  EXPECT_TRUE(refuses(sent[2], Code::rate_limited));
}

TEST_P(ModerationContract, NewcomersReadHistoryWhereTheRulesSaySo) {
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
TEST_P(ModerationContract, HistoryIsTheSameOnEveryWayOut) {
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
TEST_P(ModerationContract, NewcomersAreNoRecipientsOfWhatWasSaidBefore) {
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

TEST_P(ModerationContract, WhoLeftReadsNoRulesOfToday) {
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  change({.slow_mode = seconds{30}, .history_for_newcomers = true});
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).conversation.rules, GroupRules{});
}

TEST_P(ModerationContract, TheCheckFindsNothingAmiss) {
  send(alice_, room_, "before");
  change({.slow_mode = seconds{30}, .history_for_newcomers = true});
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
  send(carol_, room_, "after");
  must(messenger_->mark_unread(carol_.id, room_, Seq{1}));
  invite({.conversation = room_, .lifetime = seconds{60}, .uses_max = 3});
  const auto approval = invite({.conversation = room_, .needs_approval = true});
  EXPECT_FALSE(must(join(add_user("dora"), approval.token)));
  direct(alice_, bob_);
  must(moderation().block(bob_.id, alice_.id));
  must(moderation().block(alice_.id, carol_.id));
  if (!GetParam().durable) return;
  messenger_.reset();
  const auto report = must(check_store(GetParam().url(directory_)));
  EXPECT_EQ(report.problem_count, 0) << testing::PrintToString(report.problems);
}

TEST_P(ModerationContract, AGroupIsAsLargeAsItsRulesSay) {
  change({.members_max = 2});
  EXPECT_TRUE(
      refuses(messenger_->add_member(alice_.id, room_, carol_.id, Role::member), Code::conflict));
  const auto invitation = invite({.conversation = room_});
  EXPECT_TRUE(refuses(join(carol_, invitation.token), Code::conflict));
  change({.members_max = 0});
  must(messenger_->add_member(alice_.id, room_, carol_.id, Role::member));
}

// Joining -----------------------------------------------------------------------------------------

TEST_P(ModerationContract, AnInvitationLetsInAsOftenAsItSays) {
  const auto invitation = invite({.conversation = room_, .uses_max = 2});
  EXPECT_EQ(invitation.created_by, alice_.id);
  EXPECT_THAT(must(moderation().list_invitations(alice_.id, room_)), ElementsAre(invitation));
  EXPECT_TRUE(must(join(bob_, invitation.token))) << "he is a member";
  const auto joined = must(join(carol_, invitation.token));
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->role, Role::member);
  EXPECT_THAT(must(moderation().list_invitations(alice_.id, room_)),
              ElementsAre(Field(&Invitation::uses_left, 1)));
  must(join(add_user("dora"), invitation.token));
  EXPECT_TRUE(refuses(join(add_user("emil"), invitation.token), Code::not_found));
  EXPECT_THAT(must(moderation().list_invitations(alice_.id, room_)), IsEmpty());
  send(alice_, room_, "welcome");
  EXPECT_EQ(unread(carol_, room_), 1);
}

TEST_P(ModerationContract, AnInvitationEndsByTimeOrByHand) {
  const auto timed = invite({.conversation = room_, .lifetime = seconds{60}});
  const auto revoked = invite({.conversation = room_});
  advance(seconds{59});
  EXPECT_TRUE(
      refuses(moderation().revoke_invitation(bob_.id, revoked.token), Code::permission_denied));
  must(moderation().revoke_invitation(alice_.id, revoked.token));
  must(moderation().revoke_invitation(alice_.id, revoked.token));
  EXPECT_TRUE(refuses(join(carol_, revoked.token), Code::not_found));
  must(join(carol_, timed.token));
  advance(seconds{1});
  EXPECT_TRUE(refuses(join(add_user("dora"), timed.token), Code::not_found));
  EXPECT_THAT(must(moderation().list_invitations(alice_.id, room_)), IsEmpty());
  EXPECT_TRUE(refuses(join(carol_, "mil_nonsense"), Code::not_found));
  auto other = timed.token;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_TRUE(refuses(join(carol_, other), Code::not_found));
}

TEST_P(ModerationContract, InvitationsAreForThoseWhoMayAdd) {
  EXPECT_TRUE(refuses(moderation().create_invitation(bob_.id, {.conversation = room_}),
                      Code::permission_denied));
  EXPECT_TRUE(refuses(moderation().list_invitations(bob_.id, room_), Code::permission_denied));
  EXPECT_TRUE(
      refuses(moderation().create_invitation(carol_.id, {.conversation = room_}), Code::not_found));
  EXPECT_TRUE(
      refuses(moderation().create_invitation(alice_.id, {.conversation = direct(alice_, bob_)}),
              Code::conflict));
  EXPECT_TRUE(refuses(
      moderation().create_invitation(alice_.id, {.conversation = room_, .lifetime = seconds{0}}),
      Code::invalid_argument, "lifetime"));
  EXPECT_TRUE(
      refuses(moderation().create_invitation(alice_.id, {.conversation = room_, .uses_max = 0}),
              Code::invalid_argument, "uses_max"));
  for (std::size_t i = 0; i < kInvitationsMax; ++i) {
    invite({.conversation = room_, .lifetime = i == 7 ? std::optional{seconds{5}} : std::nullopt});
  }
  EXPECT_TRUE(
      refuses(moderation().create_invitation(alice_.id, {.conversation = room_}), Code::conflict));
  advance(seconds{5});
  invite({.conversation = room_});
}

TEST_P(ModerationContract, WhoAsksIsLetInOrNot) {
  const auto dora = add_user("dora");
  const auto invitation = invite({.conversation = room_, .uses_max = 1, .needs_approval = true});
  EXPECT_FALSE(must(join(carol_, invitation.token)));
  EXPECT_FALSE(must(join(carol_, invitation.token))) << "again changes nothing";
  EXPECT_FALSE(must(join(dora, invitation.token)));
  EXPECT_TRUE(refuses(messenger_->load_conversation(carol_.id, room_), Code::not_found));
  EXPECT_THAT(asking(), ElementsAre(carol_.id, dora.id));
  EXPECT_TRUE(
      refuses(moderation().list_join_requests(bob_.id, room_, {}), Code::permission_denied));
  EXPECT_TRUE(refuses(moderation().answer_join_request(bob_.id, room_, carol_.id, true),
                      Code::permission_denied));
  EXPECT_FALSE(must(moderation().answer_join_request(alice_.id, room_, dora.id, false)));
  const auto let_in = must(moderation().answer_join_request(alice_.id, room_, carol_.id, true));
  ASSERT_TRUE(let_in);
  EXPECT_EQ(let_in->user, carol_.id);
  EXPECT_THAT(asking(), IsEmpty());
  EXPECT_TRUE(refuses(moderation().answer_join_request(alice_.id, room_, dora.id, true),
                      Code::not_found, "user_id"));
  must(messenger_->load_conversation(carol_.id, room_));
}

// Between two users -------------------------------------------------------------------------------

TEST_P(ModerationContract, BlockedUsersSendEachOtherNothing) {
  const auto chat = direct(alice_, bob_);
  const auto sent = must(try_send(alice_, chat, "before"));
  const auto block = must(moderation().block(alice_.id, bob_.id));
  EXPECT_EQ(block.user, bob_.id);
  EXPECT_EQ(must(moderation().block(alice_.id, bob_.id)), block);
  for (const User* user : {&alice_, &bob_}) {
    EXPECT_TRUE(refuses(try_send(*user, chat), Code::permission_denied));
    EXPECT_TRUE(refuses(messenger_->react(user->id, {.message = sent.id, .emoji = "+1"}),
                        Code::permission_denied));
    EXPECT_TRUE(refuses(messenger_->typing(user->id, chat), Code::permission_denied));
    EXPECT_TRUE(refuses(messenger_->pin(user->id, sent.id), Code::permission_denied));
  }
  EXPECT_TRUE(refuses(messenger_->edit(alice_.id, {.message = sent.id, .content = "other"}),
                      Code::permission_denied));
  EXPECT_EQ(must(try_send(alice_, chat, "before")).id, sent.id) << "it was sent long ago";
  EXPECT_EQ(must(messenger_->history(bob_.id, {.conversation = chat})).items.size(), 1U);
  must(try_send(bob_, room_));  // groups stay as they are
  must(moderation().unblock(alice_.id, bob_.id));
  must(moderation().unblock(alice_.id, bob_.id));
  must(try_send(bob_, chat));
}

TEST_P(ModerationContract, ABlockHoldsBeforeTheConversationIsThere) {
  must(moderation().block(alice_.id, carol_.id));
  EXPECT_TRUE(refuses(messenger_->open_direct(carol_.id, alice_.id), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->open_direct(alice_.id, carol_.id), Code::permission_denied));
  const auto theirs = group(carol_, {});
  EXPECT_TRUE(refuses(messenger_->add_member(carol_.id, theirs, alice_.id, Role::member),
                      Code::permission_denied, "user_id"));
  EXPECT_TRUE(refuses(messenger_->create_group(carol_.id, {.title = "x", .users = {alice_.id}}),
                      Code::permission_denied, "user_id"));
  must(moderation().unblock(alice_.id, carol_.id));
  must(messenger_->add_member(carol_.id, theirs, alice_.id, Role::member));
  must(messenger_->open_direct(carol_.id, alice_.id));
}

TEST_P(ModerationContract, BlocksAreListedToWhoBlocks) {
  std::vector<UserId> blocked;
  for (int i = 0; i < 5; ++i) {
    blocked.push_back(add_user("user" + std::to_string(i)).id);
    must(moderation().block(alice_.id, blocked.back()));
  }
  std::vector<UserId> listed;
  PageRequest request{.limit = 2};
  while (true) {
    const auto page = must(moderation().list_blocks(alice_.id, request));
    for (const auto& block : page.items) listed.push_back(block.user);
    if (!page.has_more) break;
    request.cursor = page.next;
  }
  EXPECT_EQ(listed, blocked);
  EXPECT_THAT(must(moderation().list_blocks(blocked.front(), {})).items, IsEmpty());
  EXPECT_TRUE(
      refuses(moderation().list_blocks(bob_.id, request), Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(moderation().block(alice_.id, alice_.id), Code::invalid_argument, "user_id"));
  EXPECT_TRUE(refuses(moderation().block(alice_.id, UserId{12345}), Code::not_found, "user_id"));
}

MSG_FOR_EACH_BACKEND(ModerationContract);

class AcceptanceContract : public Contract {
 protected:
  AcceptanceContract() {
    options_.direct_needs_acceptance = true;
    reopen();
    alice_ = add_user("alice");
    bob_ = add_user("bob");
    chat_ = direct(alice_, bob_);
  }
  Result<Message> try_send(const User& sender) {
    return messenger_->send({.conversation = chat_, .sender = sender.id, .content = "text"});
  }
  std::optional<UserId> awaits() {
    return must(messenger_->load_conversation(bob_.id, chat_)).conversation.awaits;
  }

  User alice_;
  User bob_;
  ConversationId chat_{};
};

TEST_P(AcceptanceContract, OneMessageAsksForAConversation) {
  Moderation moderation{*messenger_};
  EXPECT_EQ(awaits(), bob_.id);
  must(try_send(alice_));
  EXPECT_TRUE(refuses(try_send(alice_), Code::permission_denied));
  EXPECT_TRUE(refuses(moderation.accept_direct(alice_.id, chat_), Code::permission_denied));
  EventLog alice(*messenger_, alice_);
  EXPECT_FALSE(must(moderation.accept_direct(bob_.id, chat_)).awaits);
  EXPECT_FALSE(must(moderation.accept_direct(bob_.id, chat_)).awaits);
  EXPECT_EQ(alice.all<ConversationEvent>().size(), 1U);
  must(try_send(alice_));
  EXPECT_TRUE(refuses(moderation.accept_direct(alice_.id, group(alice_, {})), Code::conflict));
}

TEST_P(AcceptanceContract, WhoAnswersAccepts) {
  must(try_send(alice_));
  must(try_send(bob_));
  EXPECT_FALSE(awaits());
  must(try_send(alice_));
}

MSG_FOR_EACH_BACKEND(AcceptanceContract);

}  // namespace
}  // namespace msg::test
