// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

namespace msg::test {
namespace {

class GroupsContract : public Contract {
 protected:
  User owner_ = add_user("owner");
  User admin_ = add_user("admin");
  User member_ = add_user("member");
  User stranger_ = add_user("stranger");
  ConversationId group_ = group(owner_, {admin_.id, member_.id});

  void SetUp() override {
    must(messenger_->change_role(owner_.id, group_, admin_.id, Role::admin));
  }
};

TEST_P(GroupsContract, CreatorOwnsAndEveryoneIsListed) {
  const auto page = must(messenger_->list_members(member_.id, group_, {}));
  ASSERT_EQ(page.items.size(), 3u);
  for (const auto& member : page.items) {
    EXPECT_TRUE(member.active);
    EXPECT_EQ(member.role, member.user == owner_.id   ? Role::owner
                           : member.user == admin_.id ? Role::admin
                                                      : Role::member);
  }
  const auto view = must(messenger_->load_conversation(member_.id, group_));
  EXPECT_EQ(view.conversation.title, "Group");
  EXPECT_EQ(view.conversation.member_count, 3);
}

TEST_P(GroupsContract, OnlyAdminsChangeAGroup) {
  EXPECT_TRUE(refuses(messenger_->rename_group(member_.id, group_, "x"), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->rename_group(stranger_.id, group_, "x"), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->add_member(member_.id, group_, stranger_.id, Role::member),
                      Code::permission_denied));
  EXPECT_TRUE(
      refuses(messenger_->remove_member(member_.id, group_, admin_.id), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->change_role(member_.id, group_, member_.id, Role::owner),
                      Code::permission_denied));
  EXPECT_EQ(must(messenger_->rename_group(admin_.id, group_, "Friends")).title, "Friends");
  EXPECT_TRUE(messenger_->add_member(admin_.id, group_, stranger_.id, Role::member));
}

TEST_P(GroupsContract, NobodyGivesOrTakesMoreThanTheirOwnPower) {
  EXPECT_TRUE(refuses(messenger_->add_member(admin_.id, group_, stranger_.id, Role::owner),
                      Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->change_role(admin_.id, group_, member_.id, Role::owner),
                      Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->change_role(admin_.id, group_, owner_.id, Role::member),
                      Code::permission_denied));
  EXPECT_TRUE(
      refuses(messenger_->remove_member(admin_.id, group_, owner_.id), Code::permission_denied));
  EXPECT_TRUE(messenger_->change_role(admin_.id, group_, member_.id, Role::admin));
  EXPECT_TRUE(
      refuses(messenger_->remove_member(admin_.id, group_, member_.id), Code::permission_denied));
  EXPECT_TRUE(messenger_->remove_member(owner_.id, group_, member_.id));
}

TEST_P(GroupsContract, TheLastOwnerStays) {
  EXPECT_TRUE(refuses(messenger_->remove_member(owner_.id, group_, owner_.id), Code::conflict));
  EXPECT_TRUE(
      refuses(messenger_->change_role(owner_.id, group_, owner_.id, Role::admin), Code::conflict));
  must(messenger_->change_role(owner_.id, group_, admin_.id, Role::owner));
  EXPECT_TRUE(messenger_->remove_member(owner_.id, group_, owner_.id));
  must(messenger_->remove_member(admin_.id, group_, member_.id));
  EXPECT_TRUE(messenger_->remove_member(admin_.id, group_, admin_.id)) << "alone, one may go";
}

TEST_P(GroupsContract, AFormerMemberKeepsWhatWasReadableAndReadsNothingLater) {
  send(owner_, group_, "before");
  must(messenger_->remove_member(owner_.id, group_, member_.id));
  send(owner_, group_, "after");
  must(messenger_->rename_group(owner_.id, group_, "Secret plans"));

  const auto page = must(messenger_->history(member_.id, {.conversation = group_}));
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.items[0].content, "before");
  EXPECT_FALSE(page.has_more || page.has_prev);
  EXPECT_TRUE(refuses(messenger_->load_message(member_.id, {group_, Seq{2}}), Code::not_found));
  const auto view = must(messenger_->load_conversation(member_.id, group_));
  EXPECT_EQ(view.conversation.last_seq, Seq{1});
  EXPECT_EQ(view.conversation.title, "");
  EXPECT_FALSE(view.self.active);
  EXPECT_EQ(view.last_message->content, "before");
  EXPECT_TRUE(must(messenger_->list_conversations(member_.id, {})).items.empty());
  const auto denied = Code::permission_denied;
  EXPECT_TRUE(refuses(messenger_->list_members(member_.id, group_, {}), denied));
  EXPECT_TRUE(refuses(messenger_->message_status(member_.id, {group_, Seq{1}}), denied));
  EXPECT_TRUE(refuses(messenger_->typing(member_.id, group_), denied));
  EXPECT_TRUE(refuses(messenger_->mark(member_.id, {group_, MessageState::read, Seq{1}}), denied));
  EXPECT_TRUE(refuses(
      messenger_->send({.conversation = group_, .sender = member_.id, .content = "x"}), denied));
}

TEST_P(GroupsContract, JoiningShowsWhatComesLaterAndJoiningAgainStartsAnew) {
  send(owner_, group_, "1");
  must(messenger_->add_member(owner_.id, group_, stranger_.id, Role::member));
  EXPECT_EQ(unread(stranger_, group_), 0);
  send(owner_, group_, "2");
  EXPECT_EQ(unread(stranger_, group_), 1);
  EXPECT_EQ(seqs(must(messenger_->history(stranger_.id, {.conversation = group_})).items),
            (std::vector<std::int64_t>{2}));
  send(stranger_, group_, "3");
  must(messenger_->remove_member(stranger_.id, group_, stranger_.id));
  send(owner_, group_, "4");
  must(messenger_->add_member(owner_.id, group_, stranger_.id, Role::member));
  EXPECT_EQ(unread(stranger_, group_), 0);
  send(owner_, group_, "5");
  EXPECT_EQ(unread(stranger_, group_), 1);
  EXPECT_EQ(seqs(must(messenger_->history(stranger_.id, {.conversation = group_})).items),
            (std::vector<std::int64_t>{5}));
}

TEST_P(GroupsContract, AddingAMemberTwiceChangesNothing) {
  const auto first = must(messenger_->add_member(owner_.id, group_, stranger_.id, Role::member));
  const auto again = must(messenger_->add_member(owner_.id, group_, stranger_.id, Role::admin));
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(again.role, Role::member);
  EXPECT_EQ(must(messenger_->load_conversation(owner_.id, group_)).conversation.member_count, 4);
}

TEST_P(GroupsContract, HasALimit) {
  options_.limits.group_members_max = 3;
  messenger_.reset();
  messenger_ = must(open("memory:", options_));
  const User a = add_user("aaa");
  const auto small = group(a, {add_user("bbb").id, add_user("ccc").id});
  EXPECT_TRUE(refuses(messenger_->add_member(a.id, small, add_user("ddd").id, Role::member),
                      Code::conflict));
  EXPECT_TRUE(refuses(
      messenger_->create_group(a.id, {.title = "x", .users = {UserId{1}, UserId{2}, UserId{3}}}),
      Code::invalid_argument, "user_ids"));
}

TEST_P(GroupsContract, DirectConversationsHaveNoMembersToChange) {
  const auto id = direct(owner_, member_);
  EXPECT_TRUE(refuses(messenger_->rename_group(owner_.id, id, "x"), Code::conflict));
  EXPECT_TRUE(
      refuses(messenger_->add_member(owner_.id, id, stranger_.id, Role::member), Code::conflict));
  EXPECT_TRUE(refuses(messenger_->remove_member(owner_.id, id, owner_.id), Code::conflict));
}

/// The answer was lost, and so was the membership; the message was not.
TEST_P(GroupsContract, ARepeatedSendIsAnsweredAfterRemovalToo) {
  const auto first = send(member_, group_, "said", "key");
  ASSERT_TRUE(messenger_->remove_member(owner_.id, group_, member_.id));
  Draft draft;
  draft.conversation = group_;
  draft.sender = member_.id;
  draft.content = "said";
  draft.client_id = "key";
  EXPECT_EQ(must(messenger_->send(draft)).id.seq, first.id.seq);
  draft.content = "another";
  EXPECT_TRUE(refuses(messenger_->send(draft), Code::permission_denied));
  draft.client_id = "new";
  EXPECT_TRUE(refuses(messenger_->send(draft), Code::permission_denied));
}

TEST_P(GroupsContract, WhoIsGoneCannotTellWhetherOthersGoOnTalking) {
  send(owner_, group_, "before");
  ASSERT_TRUE(messenger_->remove_member(owner_.id, group_, member_.id));
  advance(std::chrono::seconds(1));
  const HistoryRequest request{.conversation = group_, .from = now() + std::chrono::seconds(1)};
  const auto quiet = must(messenger_->history(member_.id, request));
  for (int i = 0; i < 3; ++i) send(owner_, group_, "hidden");
  advance(std::chrono::seconds(2));
  send(owner_, group_, "hidden too");
  const auto busy = must(messenger_->history(member_.id, request));
  EXPECT_TRUE(busy.items.empty());
  EXPECT_EQ(busy.next, quiet.next);
  EXPECT_EQ(busy.prev, quiet.prev);
}

MSG_FOR_EACH_BACKEND(GroupsContract);

}  // namespace
}  // namespace msg::test
