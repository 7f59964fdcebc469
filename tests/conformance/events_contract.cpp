// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "contract.h"
#include "listener.h"

namespace msg::test {
namespace {

class EventsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);

  std::unique_ptr<Subscription> listen(const User& user, Listener& listener) {
    auto subscription = must(messenger_->subscribe(user.id, listener.handler()));
    EXPECT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
    return subscription;
  }
};

TEST_P(EventsContract, AMessageReachesAllMembersWhoListenBeforeItsSenderHearsBack) {
  Listener for_alice;
  Listener for_bob;
  Listener for_carol;
  const auto a = listen(alice_, for_alice);
  const auto b = listen(bob_, for_bob);
  const auto c = listen(add_user("carol"), for_carol);
  const auto sent = send(alice_, chat_, "hi", "k");
  for (auto* listener : {&for_alice, &for_bob}) {
    ASSERT_EQ(listener->events().size(), 1u);
    const auto& event = *listener->events()[0];
    EXPECT_EQ(event.conversation, chat_);
    EXPECT_EQ(event.version, sent.version);
    EXPECT_EQ(std::get<MessageEvent>(event.body).message.content, "hi");
  }
  EXPECT_EQ(for_alice.events()[0], for_bob.events()[0]) << "one event, shared";
  EXPECT_TRUE(for_carol.events().empty());
}

TEST_P(EventsContract, ARepeatedSendIsNotAnEvent) {
  Listener listener;
  const auto subscription = listen(bob_, listener);
  send(alice_, chat_, "hi", "k");
  send(alice_, chat_, "hi", "k");
  EXPECT_EQ(listener.events().size(), 1u);
}

TEST_P(EventsContract, ReceiptsMembersAndTitlesAreEvents) {
  Listener listener;
  const auto subscription = listen(alice_, listener);
  send(alice_, chat_, "hi");
  delivered(bob_, chat_, 1);
  read(bob_, chat_, 1);
  read(bob_, chat_, 1);
  const auto receipts = listener.all<ReceiptEvent>();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[1].member.read, Seq{1});
  const auto id = group(bob_, {alice_.id});
  must(messenger_->rename_group(bob_.id, id, "New"));
  const auto titles = listener.all<ConversationEvent>();
  ASSERT_EQ(titles.size(), 2u) << "who is added hears of the conversation from its beginning";
  EXPECT_EQ(titles[1].conversation.title, "New");
}

TEST_P(EventsContract, AfterLeavingNothingMoreArrives) {
  const auto id = group(alice_, {bob_.id});
  Listener listener;
  const auto subscription = listen(bob_, listener);
  must(messenger_->remove_member(alice_.id, id, bob_.id));
  send(alice_, id, "canary");
  const auto members = listener.all<MemberEvent>();
  ASSERT_EQ(members.size(), 1u);
  EXPECT_FALSE(members[0].member.active);
  EXPECT_TRUE(listener.all<MessageEvent>().empty());
  EXPECT_EQ(listener.events().size(), 1u);
  must(messenger_->add_member(alice_.id, id, bob_.id, Role::member));
  send(alice_, id, "welcome back");
  EXPECT_EQ(listener.all<MessageEvent>().size(), 1u);
}

TEST_P(EventsContract, ReceiptsOfLargeConversationsGoToTheirOwnDevicesOnly) {
  options_.limits.receipt_fanout_members_max = 2;
  messenger_.reset();
  messenger_ = must(open("memory:", options_));
  const User owner = add_user("owner");
  const User member = add_user("member");
  const auto id = group(owner, {member.id, add_user("third").id});
  send(owner, id, "x");
  Listener for_owner;
  Listener for_member;
  const auto a = listen(owner, for_owner);
  const auto b = listen(member, for_member);
  read(member, id, 1);
  EXPECT_TRUE(for_owner.events().empty());
  EXPECT_EQ(for_member.all<ReceiptEvent>().size(), 1u);
}

TEST_P(EventsContract, TypingReachesTheOthersAndIsNeverStored) {
  Listener for_alice;
  Listener for_bob;
  const auto a = listen(alice_, for_alice);
  const auto b = listen(bob_, for_bob);
  const auto before = must(messenger_->sync_position());
  must(messenger_->typing(alice_.id, chat_));
  EXPECT_TRUE(for_alice.events().empty());
  ASSERT_EQ(for_bob.all<TypingEvent>().size(), 1u);
  EXPECT_EQ(for_bob.all<TypingEvent>()[0].user, alice_.id);
  EXPECT_GT(for_bob.all<TypingEvent>()[0].expires_in.count(), 0);
  EXPECT_EQ(must(messenger_->sync_position()), before);
}

TEST_P(EventsContract, APausedSubscriptionHandsOutNothingAndGoesLiveOnlyWhenUpToDate) {
  Listener listener;
  const auto subscription = must(messenger_->subscribe(bob_.id, listener.handler()));
  const auto stale = must(messenger_->sync_position());
  send(alice_, chat_, "1");
  EXPECT_FALSE(must(subscription->go_live(stale)));
  const auto page = must(messenger_->sync(bob_.id, {}));
  EXPECT_TRUE(must(subscription->go_live(page.cursor)));
  EXPECT_TRUE(listener.events().empty());
  send(alice_, chat_, "2");
  EXPECT_EQ(listener.events().size(), 1u);
  subscription->pause();
  send(alice_, chat_, "3");
  EXPECT_EQ(listener.events().size(), 1u);
  EXPECT_FALSE(must(subscription->go_live(listener.events()[0]->cursor)));
  EXPECT_TRUE(refuses(subscription->go_live("x"), Code::invalid_argument, "cursor"));
}

TEST_P(EventsContract, AnEventsCursorResumesBehindIt) {
  Listener listener;
  const auto subscription = listen(bob_, listener);
  send(alice_, chat_, "1");
  send(alice_, chat_, "2");
  send(alice_, chat_, "3");
  const auto events = listener.events();
  ASSERT_EQ(events.size(), 3u);
  const auto page = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = events[1]->cursor}));
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_EQ(seqs(page.conversations[0].messages), (std::vector<std::int64_t>{3}));
  EXPECT_TRUE(must(messenger_->sync(bob_.id, {.limit = 0, .cursor = events[2]->cursor}))
                  .conversations.empty());
}

TEST_P(EventsContract, ACursorFromBeforeTheSubscriptionIsOldOnceSomethingHappened) {
  const auto old = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = {}})).cursor;
  send(alice_, chat_, "in between");
  Listener listener;
  const auto subscription = must(messenger_->subscribe(bob_.id, listener.handler()));
  EXPECT_FALSE(must(subscription->go_live(old)));
  const auto page = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = old}));
  EXPECT_TRUE(must(subscription->go_live(page.cursor)));
}

TEST_P(EventsContract, AHandlerMayEndItsOwnSubscription) {
  std::unique_ptr<Subscription> subscription;
  int calls = 0;
  subscription = must(messenger_->subscribe(bob_.id, [&](const auto&) {
    ++calls;
    subscription.reset();
  }));
  ASSERT_TRUE(must(subscription->go_live(must(messenger_->sync_position()))));
  send(alice_, chat_, "1");
  send(alice_, chat_, "2");
  EXPECT_EQ(calls, 1);
}

/// A device that catches up by sync, goes live, falls behind now and then, and catches up again.
class Device {
 public:
  Device(Messenger& messenger, UserId user) : messenger_(messenger), user_(user) {
    subscription_ = must(messenger.subscribe(user, [this](const auto& event) { take(*event); }));
  }

  /// Returns once it has been told to finish and has everything.
  void run() {
    while (true) {
      const bool last = finishing_;
      catch_up();
      if (last) break;
      std::unique_lock lock(mutex_);
      woken_.wait(lock, [&] { return behind_ || finishing_; });
    }
    subscription_->pause();
  }
  void finish() {
    const std::scoped_lock lock(mutex_);
    finishing_ = true;
    woken_.notify_all();
  }
  const std::vector<std::int64_t>& seen() const { return seen_; }

 private:
  void take(const Event& event) {
    seen_.push_back(to_int(std::get<MessageEvent>(event.body).message.id.seq));
    cursor_ = event.cursor;
    if (seen_.size() % 50 != 0) return;
    subscription_->pause();  // as a slow socket would
    set_behind(true);
  }

  void set_behind(bool behind) {
    const std::scoped_lock lock(mutex_);
    behind_ = behind;
    woken_.notify_all();
  }

  void catch_up() {
    subscription_->pause();
    set_behind(false);
    while (true) {
      const auto page = must(messenger_.sync(user_, {.limit = 0, .cursor = cursor_}));
      for (const auto& delta : page.conversations) {
        if (delta.messages.empty()) continue;
        const auto first = delta.missing ? delta.missing->from : delta.messages.front().id.seq;
        for (auto i = to_int(first); i <= to_int(delta.messages.back().id.seq); ++i) {
          seen_.push_back(i);
        }
      }
      cursor_ = page.cursor;
      if (!page.has_more && must(subscription_->go_live(page.cursor))) return;
    }
  }

  Messenger& messenger_;
  UserId user_;
  std::string cursor_;
  std::vector<std::int64_t> seen_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool behind_{false};
  std::atomic<bool> finishing_{false};
  std::unique_ptr<Subscription> subscription_;
};

/// What each device got, by sync and by events together, is every message, once, in order.
TEST_P(EventsContract, CatchingUpAndGoingLiveLosesNothingAndDoublesNothing) {
  constexpr int kMessages = 2000;
  std::vector<std::unique_ptr<Device>> devices;
  for (int i = 0; i < 4; ++i) devices.push_back(std::make_unique<Device>(*messenger_, bob_.id));
  std::vector<std::jthread> threads;
  for (auto& device : devices) threads.emplace_back([&] { device->run(); });
  for (int i = 0; i < kMessages; ++i) send(i % 2 ? alice_ : bob_, chat_, "x");
  for (auto& device : devices) device->finish();
  threads.clear();
  for (const auto& device : devices) {
    ASSERT_EQ(device->seen().size(), std::size_t{kMessages});
    for (std::size_t i = 0; i < device->seen().size(); ++i) {
      ASSERT_EQ(device->seen()[i], static_cast<std::int64_t>(i) + 1);
    }
  }
}

MSG_FOR_EACH_BACKEND(EventsContract);

}  // namespace
}  // namespace msg::test
