// SPDX-License-Identifier: Apache-2.0
// Marks that a conversation is unread, and reading everything at once.
#include <random>

#include "contract.h"
#include "listener.h"

namespace msg::test {
namespace {

class UnreadContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  UnreadMark mark_unread(const User& user, std::int64_t from) {
    return must(messenger_->mark_unread(user.id, chat_, Seq{from}));
  }
  ConversationView view(const User& user) {
    return must(messenger_->load_conversation(user.id, chat_));
  }
  std::unique_ptr<Subscription> listen(const User& user, Listener& listener) {
    auto subscription = must(messenger_->subscribe(user.id, listener.handler()));
    EXPECT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
    return subscription;
  }
};

TEST_P(UnreadContract, AMarkCountsFromItsMessageAndTakesNoReceiptBack) {
  send_many(alice_, chat_, 5);
  send(bob_, chat_, "6, his own");
  send(alice_, chat_, "7");
  read(bob_, chat_, 7);
  const auto mark = mark_unread(bob_, 4);
  EXPECT_EQ(mark.unread_from, Seq{4});
  EXPECT_EQ(mark.unread_count, 3) << "4, 5 and 7";
  EXPECT_EQ(view(bob_).unread_from, Seq{4});
  EXPECT_EQ(view(bob_).unread_count, 3);
  EXPECT_EQ(view(bob_).self.read, Seq{7});
  EXPECT_EQ(must(messenger_->message_status(alice_.id, {chat_, Seq{5}})).state, MessageState::read);
  EXPECT_FALSE(view(alice_).unread_from);
  send(alice_, chat_, "8");
  EXPECT_EQ(view(bob_).unread_count, 4);
}

TEST_P(UnreadContract, ReadingAtTheMarkOrPastItTakesItAway) {
  send_many(alice_, chat_, 5);
  read(bob_, chat_, 5);
  mark_unread(bob_, 3);
  read(bob_, chat_, 2);
  delivered(bob_, chat_, 5);
  EXPECT_EQ(view(bob_).unread_from, Seq{3});
  const auto member = must(messenger_->mark(bob_.id, {chat_, MessageState::read, Seq{3}}));
  EXPECT_EQ(member.read, Seq{5}) << "the receipt says nothing new";
  EXPECT_FALSE(view(bob_).unread_from);
  EXPECT_EQ(view(bob_).unread_count, 0);
  mark_unread(bob_, 1);
  send(alice_, chat_, "6");
  read(bob_, chat_, 6);
  EXPECT_FALSE(view(bob_).unread_from);
}

TEST_P(UnreadContract, TheLastMarkCountsAndWhatIsUnreadAlreadyChangesNothing) {
  send_many(alice_, chat_, 6);
  read(bob_, chat_, 4);
  EXPECT_FALSE(mark_unread(bob_, 5).unread_from);
  EXPECT_EQ(mark_unread(bob_, 2).unread_count, 5);
  EXPECT_EQ(mark_unread(bob_, 4).unread_count, 3);
  const auto version = view(bob_).self.version;
  EXPECT_EQ(mark_unread(bob_, 4).unread_from, Seq{4});
  EXPECT_EQ(mark_unread(bob_, 6).unread_from, Seq{4});
  EXPECT_EQ(view(bob_).self.version, version);
}

TEST_P(UnreadContract, RefusesWhatCannotBeMarked) {
  send_many(alice_, chat_, 3);
  read(bob_, chat_, 3);
  const auto attempt = [&](UserId user, std::int64_t from) {
    return messenger_->mark_unread(user, chat_, Seq{from});
  };
  for (const std::int64_t from : {-1, 0, 4}) {
    EXPECT_TRUE(refuses(attempt(bob_.id, from), Code::invalid_argument, "seq")) << from;
  }
  EXPECT_TRUE(refuses(attempt(add_user("carol").id, 1), Code::not_found, "conversation_id"));
  EXPECT_FALSE(view(bob_).unread_from);

  const auto id = group(alice_, {bob_.id});
  send_many(alice_, id, 2);
  const auto carol = must(messenger_->load_user_by_username("carol"));
  must(messenger_->add_member(alice_.id, id, carol.id, Role::member));
  EXPECT_TRUE(refuses(messenger_->mark_unread(carol.id, id, Seq{2}), Code::invalid_argument, "seq"))
      << "from before the joining";
  must(messenger_->remove_member(bob_.id, id, bob_.id));
  EXPECT_TRUE(refuses(messenger_->mark_unread(bob_.id, id, Seq{1}), Code::permission_denied));
}

TEST_P(UnreadContract, OnesOwnDevicesHearOfItAndNobodyElse) {
  send_many(alice_, chat_, 3);
  read(bob_, chat_, 3);
  const auto before = must(messenger_->sync_position());
  Listener for_alice;
  Listener for_bob;
  const auto a = listen(alice_, for_alice);
  const auto b = listen(bob_, for_bob);
  mark_unread(bob_, 2);
  const auto set = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = before}));
  read(bob_, chat_, 3);
  const auto told = for_bob.all<UnreadEvent>();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].mark.unread_from, Seq{2});
  EXPECT_EQ(told[0].mark.unread_count, 2);
  EXPECT_FALSE(told[1].mark.unread_from);
  EXPECT_EQ(told[1].mark.unread_count, 0);
  EXPECT_TRUE(for_alice.events().empty());

  ASSERT_EQ(set.conversations.size(), 1u);
  EXPECT_EQ(set.conversations[0].view.unread_from, Seq{2});
  const auto cleared = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = set.cursor}));
  ASSERT_EQ(cleared.conversations.size(), 1u);
  EXPECT_FALSE(cleared.conversations[0].view.unread_from);
  const auto resumed =
      must(messenger_->sync(bob_.id, {.limit = 0, .cursor = for_bob.events().back()->cursor}));
  EXPECT_TRUE(resumed.conversations.empty());
  EXPECT_TRUE(
      must(messenger_->sync(alice_.id, {.limit = 0, .cursor = before})).conversations.empty());
}

TEST_P(UnreadContract, ItIsGoneAfterJoiningAgain) {
  const auto id = group(alice_, {bob_.id});
  send_many(alice_, id, 3);
  read(bob_, id, 3);
  must(messenger_->mark_unread(bob_.id, id, Seq{1}));
  must(messenger_->remove_member(alice_.id, id, bob_.id));
  must(messenger_->add_member(alice_.id, id, bob_.id, Role::member));
  const auto again = must(messenger_->load_conversation(bob_.id, id));
  EXPECT_FALSE(again.unread_from);
  EXPECT_EQ(again.unread_count, 0);
}

TEST_P(UnreadContract, ReadingEverythingReadsEverythingOnce) {
  constexpr int kChats = 300;  // more than go to the store at once
  std::vector<ConversationId> chats;
  for (int i = 0; i < kChats; ++i) {
    chats.push_back(group(alice_, {bob_.id}));
    if (i % 3 != 0) send_many(alice_, chats.back(), 2);
  }
  send(alice_, chat_, "hi");
  read(bob_, chat_, 1);
  mark_unread(bob_, 1);
  EXPECT_EQ(must(messenger_->mark_all_read(bob_.id)), 201);
  for (const auto chat : chats) ASSERT_EQ(unread(bob_, chat), 0);
  EXPECT_FALSE(view(bob_).unread_from);
  EXPECT_EQ(must(messenger_->message_status(alice_.id, {chats[1], Seq{2}})).state,
            MessageState::read);
  EXPECT_EQ(must(messenger_->mark_all_read(bob_.id)), 0);
  EXPECT_EQ(must(messenger_->mark_all_read(add_user("carol").id)), 0);
}

/// The count with a mark comes from counters as well; a recount is the judge.
TEST_P(UnreadContract, UnreadEqualsARecountWithMarks) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::int64_t last = 0;
  for (int step = 0; step < 300; ++step) {
    const auto& user = random() % 2 == 0 ? alice_ : bob_;
    const auto dice = random() % 10;
    const auto some = last == 0 ? 0 : 1 + static_cast<std::int64_t>(random()) % last;
    if (dice < 5 || last == 0) {
      last = to_int(send(user, chat_, "x").id.seq);
    } else if (dice < 8) {
      read(user, chat_, some);
    } else {
      mark_unread(user, some);
    }
    const auto now_view = view(user);
    const auto from = to_int(now_view.unread_from.value_or(Seq{to_int(now_view.self.read) + 1}));
    std::int64_t expected = 0;
    for (auto seq = from; seq <= last; ++seq) {
      if (must(messenger_->load_message(user.id, {chat_, Seq{seq}})).sender != user.id) ++expected;
    }
    ASSERT_EQ(now_view.unread_count, expected) << "step " << step;
  }
}

MSG_FOR_EACH_BACKEND(UnreadContract);

}  // namespace
}  // namespace msg::test
