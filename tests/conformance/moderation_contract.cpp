// SPDX-License-Identifier: Apache-2.0
#include "msg/moderation.h"

#include "event_log.h"
#include "moderation_contract.h"
#include "msg/maintenance.h"

namespace msg::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

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

/// Whichever of the two blocks: the head of their conversation knows both by their ids.
TEST_P(ModerationContract, BlockedUsersSendEachOtherNothing) {
  const auto chat = direct(alice_, bob_);
  const auto sent = must(try_send(alice_, chat, "before"));
  for (const auto& [blocker, blocked] : {std::pair(alice_, bob_), std::pair(bob_, alice_)}) {
    const auto block = must(moderation().block(blocker.id, blocked.id));
    EXPECT_EQ(block.user, blocked.id);
    EXPECT_EQ(must(moderation().block(blocker.id, blocked.id)), block);
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
    must(messenger_->history(bob_.id, {.conversation = chat}));
    must(try_send(bob_, room_));  // groups stay as they are
    must(moderation().unblock(blocker.id, blocked.id));
    must(moderation().unblock(blocker.id, blocked.id));
    must(try_send(bob_, chat));
  }
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

  // The same of a user with a larger id.
  const auto dora = add_user("dora");
  must(moderation().block(dora.id, alice_.id));
  EXPECT_TRUE(refuses(messenger_->open_direct(alice_.id, dora.id), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->open_direct(dora.id, alice_.id), Code::permission_denied));
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
