// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "event_log.h"

namespace msg::test {
namespace {

using testing::IsEmpty;

class HideContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId room_ = group(alice_, {bob_.id});

  Message hide(const User& user, const MessageId& id) {
    return must(messenger_->delete_for_me(user.id, id));
  }
  Message load(const User& user, const MessageId& id) {
    return must(messenger_->load_message(user.id, id));
  }
  SyncPage sync(const User& user, const std::string& cursor = {}) {
    return must(messenger_->sync(user.id, {.limit = 0, .cursor = cursor}));
  }
};

TEST_P(HideContract, TheMessageIsGoneForOneAndThereForTheOthers) {
  Draft draft{.conversation = room_, .sender = alice_.id, .content = "canary"};
  draft.mentions = {bob_.id};
  const auto sent = must(messenger_->send(draft));
  must(messenger_->react(bob_.id, {sent.id, "👍"}));
  const auto before = load(alice_, sent.id);
  const auto hidden = hide(bob_, sent.id);
  EXPECT_TRUE(hidden.hidden);
  EXPECT_FALSE(hidden.deleted);
  EXPECT_EQ(hidden.content, "");
  EXPECT_THAT(hidden.reactions, IsEmpty());
  EXPECT_EQ(load(bob_, sent.id), hidden);
  EXPECT_EQ(must(messenger_->history(bob_.id, {.conversation = room_})).items[0], hidden);
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).last_message, hidden);
  EXPECT_EQ(must(messenger_->list_conversations(bob_.id, {})).items[0].last_message, hidden);
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, room_)).mention_count, 0);
  EXPECT_EQ(load(alice_, sent.id), before);
  EXPECT_EQ(hide(bob_, sent.id), hidden) << "once more changes nothing";
}

TEST_P(HideContract, NothingOfItIsFoundInAnotherWay) {
  const auto sent = send(alice_, room_, "canary");
  must(messenger_->edit(alice_.id, {sent.id, "canary 2"}));
  const auto answer = must(messenger_->send(
      {.conversation = room_, .sender = alice_.id, .content = "re", .reply_to = sent.id.seq}));
  must(messenger_->pin(alice_.id, sent.id));
  hide(bob_, sent.id);
  EXPECT_EQ(load(bob_, answer.id).quote, std::nullopt);
  EXPECT_TRUE(load(alice_, answer.id).quote);
  EXPECT_THAT(must(messenger_->list_revisions(bob_.id, sent.id)), IsEmpty());
  EXPECT_EQ(must(messenger_->list_pins(bob_.id, room_)).at(0).content, "");
  const ForwardDraft forward{
      .message = sent.id, .sender = bob_.id, .conversation = direct(bob_, bob_)};
  EXPECT_TRUE(refuses(messenger_->forward(forward), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->react(bob_.id, {sent.id, "👍"}), Code::not_found));
}

TEST_P(HideContract, OnlyMembersAndWhatTheyMayRead) {
  const auto sent = send(alice_, room_, "text");
  EXPECT_TRUE(refuses(messenger_->delete_for_me(add_user("carol").id, sent.id), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->delete_for_me(bob_.id, {room_, Seq{2}}), Code::not_found));
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  EXPECT_TRUE(refuses(messenger_->delete_for_me(bob_.id, sent.id), Code::permission_denied));
}

TEST_P(HideContract, TheOwnDevicesHearOfIt) {
  const auto sent = send(alice_, room_, "canary");
  EventLog bobs(*messenger_, bob_);
  EventLog alices(*messenger_, alice_);
  const auto cursor = sync(bob_).cursor;
  const auto alices_cursor = sync(alice_).cursor;
  hide(bob_, sent.id);
  hide(bob_, sent.id);
  ASSERT_EQ(bobs.all<HideEvent>().size(), 1u);
  EXPECT_EQ(bobs.all<HideEvent>()[0].message, sent.id);
  EXPECT_THAT(alices.all<HideEvent>(), IsEmpty());
  const auto page = sync(bob_, cursor);
  ASSERT_EQ(page.conversations.size(), 1u);
  ASSERT_EQ(page.conversations[0].messages.size(), 1u);
  EXPECT_TRUE(page.conversations[0].messages[0].hidden);
  EXPECT_EQ(page.conversations[0].messages[0].content, "");
  EXPECT_THAT(sync(bob_, page.cursor).conversations, IsEmpty());
  for (const auto& delta : sync(alice_, alices_cursor).conversations) {
    EXPECT_THAT(delta.messages, IsEmpty());
    EXPECT_THAT(delta.members, IsEmpty());
  }
}

TEST_P(HideContract, OfVeryManySyncSaysTheRangeToReadAgain) {
  send_many(alice_, room_, 60);
  const auto cursor = sync(bob_).cursor;
  for (int seq = 1; seq <= 40; ++seq) hide(bob_, {room_, Seq{seq}});
  const auto delta = sync(bob_, cursor).conversations.at(0);
  ASSERT_TRUE(delta.stale);
  EXPECT_LE(delta.stale->from, Seq{1});
  EXPECT_GE(delta.stale->to, Seq{8});
  HistoryRequest request{.conversation = room_, .limit = 200};
  int hidden = 0;
  for (const auto& message : must(messenger_->history(bob_.id, request)).items) {
    hidden += message.hidden ? 1 : 0;
    EXPECT_EQ(message.content.empty(), message.hidden);
  }
  EXPECT_EQ(hidden, 40);
}

MSG_FOR_EACH_BACKEND(HideContract);

class DurableHideContract : public HideContract {};

TEST_P(DurableHideContract, SurvivesReopening) {
  const auto sent = send(alice_, room_, "canary");
  const auto hidden = hide(bob_, sent.id);
  reopen();
  EXPECT_EQ(load(bob_, sent.id), hidden);
  EXPECT_EQ(load(alice_, sent.id).content, "canary");
}

MSG_FOR_EACH_DURABLE_BACKEND(DurableHideContract);

}  // namespace
}  // namespace msg::test
