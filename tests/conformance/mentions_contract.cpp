// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

namespace msg::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MentionsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId room_ = group(alice_, {bob_.id, carol_.id});

  Result<Message> try_mention(const std::vector<UserId>& users, const std::string& key = {}) {
    return messenger_->send({.conversation = room_,
                             .sender = alice_.id,
                             .content = "you",
                             .client_id = key,
                             .mentions = users});
  }
  Message mention(const std::vector<UserId>& users, const std::string& key = {}) {
    return must(try_mention(users, key));
  }
  std::int64_t count(const User& user) {
    return must(messenger_->load_conversation(user.id, room_)).mention_count;
  }
};

TEST_P(MentionsContract, AreCountedForThoseWhoAreMentioned) {
  const auto sent = mention({bob_.id, carol_.id});
  EXPECT_THAT(sent.mentions, ElementsAre(bob_.id, carol_.id));
  EXPECT_EQ(must(messenger_->load_message(bob_.id, sent.id)).mentions, sent.mentions);
  mention({bob_.id});
  send(alice_, room_, "nobody");
  EXPECT_EQ(count(bob_), 2);
  EXPECT_EQ(count(carol_), 1);
  EXPECT_EQ(count(alice_), 0);
  EXPECT_EQ(unread(bob_, room_), 3);
  EXPECT_EQ(must(messenger_->list_conversations(bob_.id, {})).items[0].mention_count, 2);
  EXPECT_EQ(must(messenger_->sync(bob_.id, {})).conversations[0].view.mention_count, 2);
}

TEST_P(MentionsContract, AreClearedByReading) {
  for (int i = 0; i < 3; ++i) mention({bob_.id});
  read(bob_, room_, 2);
  EXPECT_EQ(count(bob_), 1);
  must(messenger_->mark(bob_.id, {room_, MessageState::delivered, Seq{3}}));
  EXPECT_EQ(count(bob_), 1) << "delivered is not read";
  read(bob_, room_, 3);
  EXPECT_EQ(count(bob_), 0);
  mention({bob_.id});
  EXPECT_EQ(count(bob_), 1);
}

TEST_P(MentionsContract, ArriveWithSyncAsNewsOfTheConversation) {
  const auto cursor = must(messenger_->sync(bob_.id, {})).cursor;
  mention({bob_.id});
  const auto page = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = cursor}));
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_EQ(page.conversations[0].view.mention_count, 1);
  EXPECT_THAT(page.conversations[0].messages[0].mentions, ElementsAre(bob_.id));
  EXPECT_THAT(page.conversations[0].members, IsEmpty()) << "no member has changed";
}

TEST_P(MentionsContract, OfOneselfCountNothing) {
  mention({alice_.id});
  EXPECT_EQ(count(alice_), 0);
}

TEST_P(MentionsContract, OnlyMembersAndEachOnce) {
  const auto dora = add_user("dora");
  const auto refused = [&](const std::vector<UserId>& users) {
    return refuses(try_mention(users), Code::invalid_argument, "mentions");
  };
  EXPECT_TRUE(refused({bob_.id, dora.id}));
  EXPECT_TRUE(refused({UserId{12345}}));
  EXPECT_TRUE(refused({bob_.id, carol_.id, bob_.id}));
  EXPECT_TRUE(refused(std::vector<UserId>(51, bob_.id)));
  must(messenger_->remove_member(alice_.id, room_, carol_.id));
  EXPECT_TRUE(refused({carol_.id}));
  EXPECT_EQ(must(messenger_->history(alice_.id, {.conversation = room_})).items.size(), 0u);
  EXPECT_EQ(count(bob_), 0);
}

TEST_P(MentionsContract, OfADeletedMessageCountNoMore) {
  const auto sent = mention({bob_.id, carol_.id});
  mention({bob_.id});
  EXPECT_THAT(must(messenger_->delete_for_everyone(alice_.id, sent.id)).mentions, IsEmpty());
  EXPECT_EQ(count(bob_), 1);
  EXPECT_EQ(count(carol_), 0);
}

TEST_P(MentionsContract, AreOfTheRequest) {
  const auto sent = mention({bob_.id}, "key");
  EXPECT_EQ(mention({bob_.id}, "key"), sent);
  EXPECT_TRUE(refuses(try_mention({carol_.id}, "key"), Code::idempotency_conflict));
  EXPECT_TRUE(refuses(try_mention({}, "key"), Code::idempotency_conflict));
  EXPECT_EQ(count(bob_), 1);
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  EXPECT_EQ(mention({bob_.id}, "key"), sent) << "a repetition is told what became of the first";
}

TEST_P(MentionsContract, AreCountedUpToAHundred) {
  for (int i = 0; i < 110; ++i) mention({bob_.id});
  EXPECT_EQ(count(bob_), 100);
  read(bob_, room_, 60);
  EXPECT_EQ(count(bob_), 50);
}

TEST_P(MentionsContract, OfAnEarlierMembershipAreGone) {
  mention({bob_.id});
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  must(messenger_->add_member(alice_.id, room_, bob_.id, Role::member));
  EXPECT_EQ(count(bob_), 0);
}

MSG_FOR_EACH_BACKEND(MentionsContract);

class DurableMentionsContract : public MentionsContract {};

TEST_P(DurableMentionsContract, SurviveReopening) {
  const auto sent = mention({bob_.id});
  mention({bob_.id});
  reopen();
  EXPECT_EQ(count(bob_), 2);
  EXPECT_THAT(must(messenger_->load_message(bob_.id, sent.id)).mentions, ElementsAre(bob_.id));
  read(bob_, room_, 1);
  reopen();
  EXPECT_EQ(count(bob_), 1);
}

MSG_FOR_EACH_DURABLE_BACKEND(DurableMentionsContract);

}  // namespace
}  // namespace msg::test
