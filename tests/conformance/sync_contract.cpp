// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <thread>

#include "contract.h"
#include "replica.h"

namespace msg::test {
namespace {

class SyncContract : public Contract {
 protected:
  class Life;

  User alice_ = add_user("alice");
  User bob_ = add_user("bob");

  SyncPage sync(const User& user, const std::string& cursor = {}, int limit = 0) {
    return must(messenger_->sync(user.id, {.limit = limit, .cursor = cursor}));
  }
  static Replica::Chats active(Replica::Chats chats) {
    std::erase_if(chats, [](const auto& entry) { return !entry.second.active; });
    return chats;
  }
};

TEST_P(SyncContract, BringsEverythingAtFirstAndNothingWhenNothingChanged) {
  const auto chat = direct(alice_, bob_);
  send(alice_, chat, "hi");
  const auto first = sync(bob_);
  ASSERT_EQ(first.conversations.size(), 1u);
  EXPECT_EQ(first.conversations[0].messages.at(0).content, "hi");
  EXPECT_EQ(first.conversations[0].view.unread_count, 1);
  EXPECT_EQ(first.conversations[0].members.size(), 2u);
  EXPECT_FALSE(first.has_more);
  EXPECT_LT(first.cursor.size(), 1024u);
  const auto second = sync(bob_, first.cursor);
  EXPECT_TRUE(second.conversations.empty());
  EXPECT_FALSE(second.has_more);
  EXPECT_TRUE(sync(add_user("carol")).conversations.empty());
}

TEST_P(SyncContract, BringsOnlyWhatChanged) {
  const auto chat = direct(alice_, bob_);
  const auto other = direct(alice_, add_user("carol"));
  send(alice_, chat, "1");
  send(alice_, other, "1");
  const auto cursor = sync(alice_).cursor;
  send(bob_, chat, "2");
  read(bob_, chat, 2);
  const auto page = sync(alice_, cursor);
  ASSERT_EQ(page.conversations.size(), 1u);
  const auto& delta = page.conversations[0];
  EXPECT_EQ(seqs(delta.messages), (std::vector<std::int64_t>{2}));
  ASSERT_EQ(delta.members.size(), 1u);
  EXPECT_EQ(delta.members[0].user, bob_.id);
  EXPECT_EQ(delta.members[0].read, Seq{2});
}

TEST_P(SyncContract, GivesTheNewestPageOfALongGapAndTheRangeOfTheRest) {
  const auto chat = direct(alice_, bob_);
  send_many(alice_, chat, 10);
  const auto cursor = sync(bob_).cursor;
  send_many(alice_, chat, 500);
  const auto page = sync(bob_, cursor);
  ASSERT_EQ(page.conversations.size(), 1u);
  const auto& delta = page.conversations[0];
  EXPECT_EQ(delta.messages.size(), 50u);
  EXPECT_EQ(delta.messages.back().id.seq, Seq{510});
  ASSERT_TRUE(delta.missing);
  EXPECT_EQ(delta.missing->from, Seq{11});
  EXPECT_EQ(delta.missing->to, Seq{460});
}

TEST_P(SyncContract, EndsAPageByBytesToo) {
  for (int i = 0; i < 6; ++i) {
    const auto chat = direct(alice_, add_user("peer" + std::to_string(i)));
    for (int j = 0; j < 10; ++j) send(alice_, chat, std::string(60'000, 'x'));
  }
  const auto page = sync(alice_);
  EXPECT_TRUE(page.has_more);
  EXPECT_EQ(page.conversations.size(), 1u) << "two would be more than 1 MiB";
}

TEST_P(SyncContract, TellsOfLeavingOnceAndOfNothingLater) {
  const auto id = group(alice_, {bob_.id});
  send(alice_, id, "before");
  const auto cursor = sync(bob_).cursor;
  send(alice_, id, "last words");
  must(messenger_->remove_member(alice_.id, id, bob_.id));
  send(alice_, id, "canary");
  must(messenger_->rename_group(alice_.id, id, "canary"));
  const auto page = sync(bob_, cursor);
  ASSERT_EQ(page.conversations.size(), 1u);
  const auto& delta = page.conversations[0];
  EXPECT_FALSE(delta.view.self.active);
  ASSERT_EQ(delta.messages.size(), 1u);
  EXPECT_EQ(delta.messages[0].content, "last words");
  EXPECT_EQ(delta.view.conversation.title, "");
  ASSERT_EQ(delta.members.size(), 1u);
  EXPECT_EQ(delta.members[0].user, bob_.id);
  send(alice_, id, "canary");
  EXPECT_TRUE(sync(bob_, page.cursor).conversations.empty());
}

TEST_P(SyncContract, BringsTheWholeConversationToWhoJoins) {
  const auto id = group(alice_, {add_user("carol").id});
  send(alice_, id, "before");
  const auto cursor = sync(bob_).cursor;
  must(messenger_->add_member(alice_.id, id, bob_.id, Role::member));
  send(alice_, id, "welcome");
  const auto page = sync(bob_, cursor);
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_EQ(page.conversations[0].members.size(), 3u);
  ASSERT_EQ(page.conversations[0].messages.size(), 1u);
  EXPECT_EQ(page.conversations[0].messages[0].content, "welcome");
}

TEST_P(SyncContract, LeavesMoreThanAPageOfMembersToBeListed) {
  std::vector<UserId> others{bob_.id};
  const auto page_max = static_cast<std::size_t>(options_.limits.page_size_max);
  while (others.size() < page_max - 1)
    others.push_back(add_user("user" + std::to_string(others.size())).id);
  const auto id = group(alice_, others);
  EXPECT_EQ(sync(bob_).conversations.at(0).members.size(), page_max);
  EXPECT_FALSE(sync(bob_).conversations.at(0).more_members);

  const auto before = sync(bob_).cursor;
  must(messenger_->add_member(alice_.id, id, add_user("dave").id, Role::member));
  const auto delta = sync(bob_).conversations.at(0);
  EXPECT_TRUE(delta.more_members);
  ASSERT_EQ(delta.members.size(), 1u);
  EXPECT_EQ(delta.members[0].user, bob_.id);
  const auto later = sync(bob_, before).conversations.at(0);
  EXPECT_FALSE(later.more_members);
  EXPECT_EQ(later.members.size(), 1u);
}

TEST_P(SyncContract, RefusesCursorsOfOtherStores) {
  direct(alice_, bob_);
  auto other = must(open("memory:", options_));
  const auto foreign = must(other->sync_position());
  EXPECT_TRUE(refuses(messenger_->sync(alice_.id, {.limit = 0, .cursor = foreign}),
                      Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(messenger_->sync(alice_.id, {.limit = 0, .cursor = "AAAA"}),
                      Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(messenger_->sync(alice_.id, {.limit = 1000, .cursor = {}}),
                      Code::invalid_argument, "limit"));
}

/// It says which of its user's conversations were offered; to another they would be lost.
TEST_P(SyncContract, ACursorInTheMiddleOfPagingIsItsUsersOnly) {
  const auto carol = add_user("carol");
  send(bob_, direct(bob_, carol), "hi");
  send(alice_, direct(alice_, bob_), "hi");
  send(alice_, direct(alice_, carol), "hi");
  const auto first = sync(alice_, {}, 1);
  ASSERT_TRUE(first.has_more);
  for (const UserId other : {bob_.id, carol.id}) {
    EXPECT_TRUE(refuses(messenger_->sync(other, {.limit = 0, .cursor = first.cursor}),
                        Code::invalid_argument, "cursor"));
  }
  const auto rest = sync(alice_, first.cursor);
  EXPECT_EQ(rest.conversations.size(), 1u);
  EXPECT_FALSE(rest.has_more);
}

TEST_P(SyncContract, ACursorAtTheEndIsAnybodys) {
  const auto chat = direct(alice_, bob_);
  send(alice_, chat, "before");
  const std::vector cursors{sync(alice_).cursor, must(messenger_->sync_position())};
  const auto sent = send(alice_, chat, "after");
  for (const auto& cursor : cursors) {
    const auto page = sync(bob_, cursor);
    ASSERT_EQ(page.conversations.size(), 1u);
    EXPECT_EQ(seqs(page.conversations[0].messages), (std::vector{to_int(sent.id.seq)}));
    EXPECT_FALSE(page.has_more);
  }
}

/// Some people in a few groups, doing one thing after the other. Much of it is refused to somebody;
/// the refusals are part of the life.
class SyncContract::Life {
 public:
  Life(SyncContract& test, std::mt19937& random)
      : test_(test), random_(random), users_{test.alice_, test.bob_} {
    for (int i = 0; i < 4; ++i) users_.push_back(test.add_user("user" + std::to_string(i)));
  }

  void change() {
    test_.advance(std::chrono::milliseconds(random_() % 3));
    const auto dice = random_() % 20;
    if (groups_.size() < 2 || (dice == 0 && groups_.size() < 12)) {
      groups_.push_back(test_.group(users_[1], {test_.alice_.id, users_[2].id}));
    } else if (dice == 1) {
      test_.send(test_.alice_, test_.direct(test_.alice_, any_user()), "direct");
    } else {
      change_group(dice, groups_[random_() % groups_.size()], any_user().id);
    }
  }

 private:
  const User& any_user() { return users_[random_() % users_.size()]; }

  void change_group(std::size_t dice, ConversationId id, UserId user) {
    Messenger& messenger = *test_.messenger_;
    const UserId owner = users_[1].id;
    if (dice < 10) {
      Draft draft;
      draft.conversation = id;
      draft.sender = user;
      draft.content = std::to_string(random_());
      (void)messenger.send(draft);
    } else if (dice < 14) {
      (void)messenger.mark(user, {id, dice % 2 ? MessageState::read : MessageState::delivered,
                                  Seq{1 + static_cast<std::int64_t>(random_() % 8)}});
    } else if (dice < 16) {
      (void)messenger.add_member(owner, id, user, Role::member);
    } else if (dice == 16 && user != owner) {
      (void)messenger.remove_member(owner, id, user);
    } else if (dice == 17) {
      (void)messenger.change_role(owner, id, user, random_() % 2 ? Role::admin : Role::member);
    } else {
      (void)messenger.rename_group(owner, id, std::to_string(random_()));
    }
  }

  SyncContract& test_;
  std::mt19937& random_;
  std::vector<User> users_;
  std::vector<ConversationId> groups_;
};

/// Watched by devices that sync now and then, in pages of every size, also in the middle of change.
/// Each ends with what there is, from any old cursor.
TEST_P(SyncContract, AnyCursorEndsInTheSameState) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Life life(*this, random);
  std::vector<Replica> replicas;
  for (int i = 0; i < 6; ++i) replicas.emplace_back(*messenger_, alice_.id);
  std::vector<std::pair<std::string, Replica::Chats>> checkpoints;

  for (int step = 0; step < 500; ++step) {
    life.change();
    if (random() % 6 == 0) {
      Replica& replica = replicas[random() % replicas.size()];
      if (random() % 2 == 0) {  // one page only, then life goes on
        replica.apply(must(messenger_->sync(
            alice_.id, {.limit = 1 + static_cast<int>(random() % 3), .cursor = replica.cursor()})));
      } else {
        replica.catch_up(1 + static_cast<int>(random() % 5));
        ASSERT_EQ(active(replica.chats), Replica::truth(*messenger_, alice_.id)) << "step " << step;
        if (random() % 4 == 0) checkpoints.emplace_back(replica.cursor(), replica.chats);
      }
    }
  }
  const auto truth = Replica::truth(*messenger_, alice_.id);
  for (auto& replica : replicas) {
    replica.catch_up(2);
    EXPECT_EQ(active(replica.chats), truth);
  }
  for (auto& [cursor, chats] : checkpoints) {
    Replica replayed(*messenger_, alice_.id);
    replayed.chats = chats;
    replayed.set_cursor(cursor);
    replayed.catch_up(3);
    EXPECT_EQ(active(replayed.chats), truth);
  }
}

/// Readers page while writers write: whatever was acknowledged before a sync began is in it.
TEST_P(SyncContract, NothingAppearsBelowACursorAlreadyServed) {
  const auto id = group(alice_, {bob_.id});
  std::atomic<std::int64_t> acknowledged{0};
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    for (int i = 0; i < 1500; ++i) {
      send(i % 3 ? alice_ : bob_, id, "x");
      ++acknowledged;
    }
    stop = true;
  });
  std::int64_t seen = 0;
  std::string cursor;
  while (true) {
    const bool last_round = stop;
    const std::int64_t promised = acknowledged;
    const auto page = sync(bob_, cursor);
    cursor = page.cursor;
    for (const auto& delta : page.conversations) {
      const auto first = delta.missing            ? delta.missing->from
                         : delta.messages.empty() ? Seq{seen + 1}
                                                  : delta.messages.front().id.seq;
      ASSERT_EQ(first, Seq{seen + 1}) << "no hole, nothing twice";
      if (!delta.messages.empty()) seen = to_int(delta.messages.back().id.seq);
    }
    ASSERT_GE(seen, promised);
    if (last_round) break;
  }
  EXPECT_EQ(seen, 1500);
}

MSG_FOR_EACH_BACKEND(SyncContract);

}  // namespace
}  // namespace msg::test
