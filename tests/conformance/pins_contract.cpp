// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "event_log.h"

namespace msg::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PinsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId room_ = group(alice_, {bob_.id});

  Message pin(const User& user, const MessageId& id) { return must(messenger_->pin(user.id, id)); }
  Message unpin(const User& user, const MessageId& id) {
    return must(messenger_->unpin(user.id, id));
  }
  Message load(const User& user, const MessageId& id) {
    return must(messenger_->load_message(user.id, id));
  }
  std::vector<std::int64_t> listed(const User& user, ConversationId conversation) {
    return seqs(must(messenger_->list_pins(user.id, conversation)));
  }
  std::vector<Seq> viewed(const User& user) {
    return must(messenger_->load_conversation(user.id, room_)).pinned;
  }
};

TEST_P(PinsContract, AreListedInTheOrderOfPinning) {
  const auto first = send(bob_, room_, "first");
  const auto second = send(bob_, room_, "second");
  EXPECT_THAT(listed(bob_, room_), IsEmpty());
  advance(std::chrono::seconds(1));
  const auto pinned = pin(alice_, second.id);
  ASSERT_TRUE(pinned.pin);
  EXPECT_EQ(pinned.pin->by, alice_.id);
  EXPECT_EQ(pinned.pin->at, now());
  EXPECT_EQ(pinned.pin->version, pinned.changed);
  pin(alice_, first.id);
  EXPECT_THAT(listed(bob_, room_), ElementsAre(2, 1));
  EXPECT_THAT(viewed(bob_), ElementsAre(Seq{2}, Seq{1}));
  EXPECT_EQ(load(bob_, second.id).pin, pinned.pin);
  EXPECT_EQ(pin(alice_, second.id), load(alice_, second.id)) << "again changes nothing";
  EXPECT_FALSE(unpin(alice_, second.id).pin);
  unpin(alice_, second.id);
  EXPECT_THAT(listed(bob_, room_), ElementsAre(1));
}

TEST_P(PinsContract, AdminsOfAGroupAndBothOfAPairPin) {
  const auto sent = send(bob_, room_, "text");
  EXPECT_TRUE(refuses(messenger_->pin(bob_.id, sent.id), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->pin(add_user("carol").id, sent.id), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->pin(alice_.id, {room_, Seq{2}}), Code::not_found, "message_id"));
  must(messenger_->change_role(alice_.id, room_, bob_.id, Role::admin));
  pin(bob_, sent.id);
  must(messenger_->change_role(alice_.id, room_, bob_.id, Role::member));
  EXPECT_TRUE(refuses(messenger_->unpin(bob_.id, sent.id), Code::permission_denied));
  const auto chat = direct(alice_, bob_);
  const auto said = send(alice_, chat, "text");
  pin(bob_, said.id);
  unpin(alice_, said.id);
  pin(alice_, said.id);
  EXPECT_THAT(listed(bob_, chat), ElementsAre(1));
}

TEST_P(PinsContract, ThereAreSoManyAtMost) {
  send_many(bob_, room_, 21);
  for (int seq = 1; seq <= 20; ++seq) pin(alice_, {room_, Seq{seq}});
  EXPECT_TRUE(refuses(messenger_->pin(alice_.id, {room_, Seq{21}}), Code::conflict));
  pin(alice_, {room_, Seq{20}});
  unpin(alice_, {room_, Seq{7}});
  pin(alice_, {room_, Seq{21}});
  EXPECT_EQ(listed(bob_, room_).size(), 20u);
}

TEST_P(PinsContract, ADeletedMessageIsPinnedNoMore) {
  const auto sent = send(alice_, room_, "text");
  pin(alice_, sent.id);
  must(messenger_->delete_for_everyone(alice_.id, sent.id));
  EXPECT_THAT(listed(bob_, room_), IsEmpty());
  EXPECT_THAT(viewed(bob_), IsEmpty());
  EXPECT_FALSE(load(bob_, sent.id).pin);
  EXPECT_TRUE(refuses(messenger_->pin(alice_.id, sent.id), Code::conflict));
}

TEST_P(PinsContract, ComeAsAnEventAndWithSync) {
  const auto sent = send(alice_, room_, "text");
  EventLog bobs(*messenger_, bob_);
  const auto cursor = must(messenger_->sync(bob_.id, {})).cursor;
  pin(alice_, sent.id);
  pin(alice_, sent.id);
  const auto page = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = cursor}));
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_THAT(page.conversations[0].view.pinned, ElementsAre(Seq{1}));
  ASSERT_EQ(page.conversations[0].messages.size(), 1u);
  EXPECT_TRUE(page.conversations[0].messages[0].pin);
  unpin(alice_, sent.id);
  const auto later = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = page.cursor}));
  ASSERT_EQ(later.conversations.size(), 1u);
  EXPECT_THAT(later.conversations[0].view.pinned, IsEmpty());
  const auto events = bobs.all<MessageChangeEvent>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(events[0].message.pin);
  EXPECT_FALSE(events[1].message.pin);
}

TEST_P(PinsContract, AreThoseThatTheReaderMayRead) {
  pin(alice_, send(alice_, room_, "early").id);
  const auto carol = add_user("carol");
  must(messenger_->add_member(alice_.id, room_, carol.id, Role::member));
  EXPECT_THAT(viewed(carol), IsEmpty());
  EXPECT_THAT(listed(carol, room_), IsEmpty());
  pin(alice_, send(alice_, room_, "late").id);
  EXPECT_THAT(viewed(carol), ElementsAre(Seq{2}));
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  EXPECT_THAT(viewed(bob_), IsEmpty());
  EXPECT_THAT(listed(bob_, room_), IsEmpty());
}

MSG_FOR_EACH_BACKEND(PinsContract);

class DurablePinsContract : public PinsContract {};

TEST_P(DurablePinsContract, SurviveReopening) {
  send_many(bob_, room_, 3);
  pin(alice_, {room_, Seq{3}});
  pin(alice_, {room_, Seq{1}});
  reopen();
  EXPECT_THAT(listed(bob_, room_), ElementsAre(3, 1));
  send(bob_, room_, "more");
  unpin(alice_, {room_, Seq{3}});
  reopen();
  EXPECT_THAT(viewed(bob_), ElementsAre(Seq{1}));
}

MSG_FOR_EACH_DURABLE_BACKEND(DurablePinsContract);

}  // namespace
}  // namespace msg::test
