// SPDX-License-Identifier: Apache-2.0
// Several processes on one store, and what those who listen at one learn of what happens at others.
#include <array>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "msg/bus.h"
#include "msg/presence.h"
#include "postgres/device.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// Hears what another bus does.
class HearingBus : public Bus {
 public:
  explicit HearingBus(std::shared_ptr<Bus> inner) : inner_(std::move(inner)) {}

  void listen(std::string_view channel, Handler handler) override {
    inner_->listen(channel, std::move(handler));
  }
  void stop_listening(std::string_view channel) override { inner_->stop_listening(channel); }
  BusState state() const override { return inner_->state(); }

 protected:
  const std::shared_ptr<Bus> inner_;
};

/// A bus that loses, doubles and swaps what it is given.
class BadBus final : public HearingBus {
 public:
  BadBus(std::shared_ptr<Bus> inner, unsigned seed) : HearingBus(std::move(inner)), dice_(seed) {}

  void publish(std::string_view channel, std::string payload) override {
    const std::scoped_lock lock(mutex_);
    const auto fate = dice_() % 8;
    if (fate == 0) return;
    if (fate == 1) inner_->publish(channel, payload);
    if (fate == 2 && kept_.empty()) {
      kept_ = std::move(payload);
      return;
    }
    inner_->publish(channel, std::move(payload));
    if (!kept_.empty()) inner_->publish(channel, std::exchange(kept_, {}));
  }

 private:
  std::mutex mutex_;
  std::mt19937 dice_;
  std::string kept_;
};

/// A bus that loses what the test wants to be lost.
class LosingBus final : public HearingBus {
 public:
  using HearingBus::HearingBus;

  void lose(bool is_losing) { is_losing_ = is_losing; }

  void publish(std::string_view channel, std::string payload) override {
    if (!is_losing_) inner_->publish(channel, std::move(payload));
  }

 private:
  std::atomic<bool> is_losing_{false};
};

class PostgresNodes : public SharedStore {
 protected:
  std::shared_ptr<Bus> bus() { return must(open_bus("memory:" + place_)); }

  /// Two nodes, alice on the first, bob on the second, and what they say to each other.
  void open_two(const std::function<std::shared_ptr<Bus>()>& make_bus, milliseconds interval) {
    a_ = open_node(1, make_bus(), interval);
    b_ = open_node(2, make_bus(), interval);
    alice_ = add_user(*a_, "alice").id;
    bob_ = add_user(*b_, "bob").id;
    chat_ = must(a_->open_direct(alice_, bob_)).id;
  }

  std::unique_ptr<Messenger> a_;
  std::unique_ptr<Messenger> b_;
  UserId alice_{};
  UserId bob_{};
  ConversationId chat_{};
};

TEST_P(PostgresNodes, TellEachOtherByTheBus) {
  open_two([this] { return bus(); }, hours(1));
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  send(*a_, alice_, chat_, "hello");
  ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == 1; }));
  // From here on he has heard of all that was before.
  const std::size_t falls = bob.falls();
  for (int i = 2; i <= 40; i += 2) {
    send(*a_, alice_, chat_, "hello");
    send(*b_, alice_, chat_, "hello from elsewhere");
    ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == i + 1; })) << i;
  }
  EXPECT_EQ(bob.falls(), falls) << "messages are handed out";
  EXPECT_EQ(bob.complaints(), std::vector<std::string>{});
}

/// The messages that a device hears of as events, as they came.
class Ear {
 public:
  Ear(Messenger& messenger, UserId user)
      : subscription_(must(messenger.subscribe(
            user, [this](const std::shared_ptr<const Event>& event) { hear(*event); }, [] {}))) {
    while (!must(subscription_->go_live(must(messenger.sync(user, {})).cursor))) continue;
  }

  std::vector<Message> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        some_.wait_for(lock, std::chrono::seconds(20), [&] { return messages_.size() >= count; }));
    return messages_;
  }

 private:
  void hear(const Event& event) {
    const auto* const sent = std::get_if<MessageEvent>(&event.body);
    if (sent == nullptr) return;
    const std::scoped_lock lock(mutex_);
    messages_.push_back(sent->message);
    some_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<Message> messages_;
  std::unique_ptr<Subscription> subscription_;
};

TEST_P(PostgresNodes, AMessageIsTheSameHereAndElsewhere) {
  open_two([this] { return bus(); }, hours(1));
  send(*a_, alice_, chat_, "shall we?");
  Ear here(*a_, bob_);
  Ear elsewhere(*b_, bob_);
  Draft answer = draft(alice_, chat_, "we shall", "answer");
  answer.reply_to = Seq{1};
  must(a_->send(answer));
  Draft picture = draft(alice_, chat_, "a place where it lies");
  picture.kind = MessageKind::image;
  picture.timestamp = Time(std::chrono::milliseconds(1'700'000'000'123));
  must(a_->send(picture));
  Draft call = draft(alice_, chat_, "@bob");
  call.mentions = {bob_};
  must(a_->send(call));
  must(a_->forward({{chat_, Seq{1}}, alice_, chat_, "again"}));
  const auto heard = elsewhere.wait_for(4);
  ASSERT_EQ(heard.size(), 4u);
  EXPECT_EQ(heard, here.wait_for(4));
  EXPECT_EQ(heard[0].quote->excerpt, "shall we?");
  EXPECT_EQ(heard[1].timestamp, picture.timestamp);
  EXPECT_EQ(heard[2].mentions, std::vector{bob_});
  EXPECT_EQ(heard[3].forward->hops, 1);
}

TEST_P(PostgresNodes, ReceiptsAndTypingGoBack) {
  open_two([this] { return bus(); }, hours(1));
  Device alice(*a_, alice_);
  ASSERT_TRUE(alice.follow_until([](Device&) { return true; }));
  send(*a_, alice_, chat_, "hello");
  ASSERT_TRUE(alice.follow_until([&](Device& d) { return d.last(chat_) == 1; }));
  const std::size_t falls = alice.falls();
  must(b_->mark(bob_, {chat_, MessageState::read, Seq{1}}));
  EXPECT_TRUE(alice.follow_until([&](Device& d) { return d.read_by(bob_) == 1; }));
  EXPECT_EQ(alice.falls(), falls);
  must(b_->typing(bob_, chat_));
  EXPECT_TRUE(alice.follow_until([](Device& d) { return d.typing() == 1; }));
}

/// What is built on a commit that nobody told of waits for that no longer than it has to.
TEST_P(PostgresNodes, AHintThatIsLostHoldsUpNobody) {
  std::vector<std::shared_ptr<LosingBus>> buses;
  open_two([&] { return buses.emplace_back(std::make_shared<LosingBus>(bus())); },
           milliseconds(200));
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  int sent = 0;
  const auto say = [&](Messenger& node) {
    send(node, alice_, chat_, "hello");
    ++sent;
    return bob.follow_until([&](Device& d) { return d.last(chat_) == sent; });
  };
  for (int round = 0; round < 3; ++round) {
    buses[0]->lose(true);
    send(*a_, alice_, chat_, "nobody tells of this");
    ++sent;
    ASSERT_TRUE(say(*b_));
    buses[0]->lose(false);
    // And then events are handed out again.
    int without_falls = 0;
    for (const auto start = std::chrono::steady_clock::now(); without_falls < 10;) {
      ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
      const std::size_t falls = bob.falls();
      ASSERT_TRUE(say(*a_));
      without_falls = bob.falls() == falls ? without_falls + 1 : 0;
    }
  }
  EXPECT_EQ(bob.complaints(), std::vector<std::string>{});
}

/// Who tells nobody what they have read, learns it of nobody, wherever they said so.
TEST_P(PostgresNodes, ASwitchIsKnownEverywhere) {
  open_two([this] { return bus(); }, hours(1));
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  send(*b_, bob_, chat_, "hello");
  must(a_->update_user(bob_, {.read_receipts = false}));
  must(a_->mark(alice_, {chat_, MessageState::read, Seq{1}}));
  must(b_->mark(alice_, {chat_, MessageState::read, Seq{1}}));
  send(*a_, alice_, chat_, "did I not read it?");
  ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == 2; }));
  EXPECT_EQ(bob.read_by(alice_), 0);
}

TEST_P(PostgresNodes, LookIntoTheStoreWhereNobodyTells) {
  open_two([]() -> std::shared_ptr<Bus> { return nullptr; }, milliseconds(50));
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  for (int i = 1; i <= 5; ++i) {
    send(*a_, alice_, chat_, "hello");
    ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == i; })) << i;
  }
  EXPECT_EQ(bob.complaints(), std::vector<std::string>{});
}

TEST_P(PostgresNodes, OneThatIsAloneHandsOutEventsHoweverOftenItLooks) {
  a_ = open_node(1, nullptr, milliseconds(5));
  alice_ = add_user(*a_, "alice").id;
  bob_ = add_user(*a_, "bob").id;
  chat_ = must(a_->open_direct(alice_, bob_)).id;
  Device bob(*a_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  constexpr int kSends = 200;
  for (int i = 1; i <= kSends; ++i) {
    send(*a_, alice_, chat_, "hello");
    ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == i; })) << i;
  }
  // Where the commit's thread is held up over two looks, it could as well have been another's.
  EXPECT_LT(bob.falls(), std::size_t{kSends / 4});
}

TEST_P(PostgresNodes, WhoIsRemovedElsewhereHearsNothingMore) {
  open_two([this] { return bus(); }, hours(1));
  const auto group = must(a_->create_group(alice_, {.title = "Group", .users = {bob_}})).id;
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  send(*a_, alice_, group, "hello");
  ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(group) == 1; }));
  must(a_->remove_member(alice_, group, bob_));
  send(*b_, alice_, group, "he is gone");  // where the removal may not be known yet
  send(*a_, alice_, group, "he is gone");
  send(*a_, alice_, chat_, "are you there?");
  ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == 1; }));
  EXPECT_EQ(bob.last(group), 1);
}

TEST_P(PostgresNodes, BelieveNothingThatIsNotSigned) {
  const auto forger = bus();
  open_two([this] { return bus(); }, hours(1));
  Device bob(*b_, bob_);
  ASSERT_TRUE(bob.follow_until([](Device&) { return true; }));
  std::string heard;
  std::mutex mutex;
  std::condition_variable some;
  forger->listen("commits", [&](std::string_view bytes) {
    const std::scoped_lock lock(mutex);
    heard = bytes;
    some.notify_all();
  });
  send(*a_, alice_, chat_, "hello");
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(some.wait_for(lock, std::chrono::seconds(20), [&] { return !heard.empty(); }));
  }
  forger->stop_listening("commits");
  for (std::size_t i = 0; i < heard.size(); ++i) {
    std::string forged = heard;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    forger->publish("commits", forged);
    forger->publish("commits", heard.substr(0, i));
  }
  send(*a_, alice_, chat_, "again");
  ASSERT_TRUE(bob.follow_until([&](Device& d) { return d.last(chat_) == 2; }));
  EXPECT_EQ(bob.complaints(), std::vector<std::string>{});
}

/// Presence of one process, whose clock the test turns.
struct Watcher {
  explicit Watcher(Messenger& messenger) : presence(messenger, options()) {}

  PresenceOptions options() {
    PresenceOptions made;
    made.clock = [this] { return now.load(); };
    return made;
  }
  /// What `viewer` sees once it is `wanted`, asked again and again for at most ten seconds.
  bool sees(UserId viewer, UserId user, PresenceState wanted, Watcher& other) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      other.presence.flush();
      presence.flush();
      if (must(presence.look(viewer, std::array{user})).at(0).state == wanted) return true;
    }
    return false;
  }

  std::atomic<Time> now{Options{}.clock()};
  Presence presence;
};

TEST_P(PostgresNodes, PresenceIsKnownEverywhere) {
  open_two([this] { return bus(); }, hours(1));
  Watcher at_a(*a_);
  Watcher at_b(*b_);
  auto device = at_a.presence.enter(must(a_->load_user(alice_)));
  EXPECT_TRUE(at_b.sees(bob_, alice_, PresenceState::online, at_a));
  const auto third = open_node(3, bus(), hours(1));
  Watcher late(*third);  // which has heard of nothing yet
  EXPECT_TRUE(late.sees(bob_, alice_, PresenceState::online, at_a));
  device->set_away(true);
  EXPECT_TRUE(at_b.sees(bob_, alice_, PresenceState::away, at_a));
  device.reset();
  at_a.now = at_a.now.load() + std::chrono::seconds(11);
  EXPECT_TRUE(at_b.sees(bob_, alice_, PresenceState::offline, at_a));
  // A process that says nothing any more is not believed for long.
  device = at_a.presence.enter(must(a_->load_user(alice_)));
  EXPECT_TRUE(at_b.sees(bob_, alice_, PresenceState::online, at_a));
  at_b.now = at_b.now.load() + std::chrono::minutes(2);
  at_b.presence.flush();
  EXPECT_EQ(must(at_b.presence.look(bob_, std::array{alice_})).at(0).state, PresenceState::offline);
}

/// Whoever writes where, and whatever becomes of the hints.
TEST_P(PostgresNodes, LoseNothingWhateverTheBusDoes) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::vector<std::unique_ptr<Messenger>> nodes;
  for (const int node : {1, 2, 3}) {
    nodes.push_back(open_node(node, std::make_shared<BadBus>(bus(), seed), milliseconds(50)));
  }
  std::vector<UserId> users;
  for (const char* name : {"alice", "bob", "carol"}) users.push_back(add_user(*nodes[0], name).id);
  std::vector<ConversationId> chats{must(nodes[0]->open_direct(users[0], users[1])).id};
  for (int i = 0; i < 2; ++i) {
    NewGroup group{.title = "Group", .users = {users[1], users[2]}};
    chats.push_back(must(nodes[1]->create_group(users[0], group)).id);
  }
  std::vector<std::unique_ptr<Device>> devices;
  for (std::size_t i = 0; i < 6; ++i) {
    const int leaves_after = i % 2 == 0 ? 5 : 0;
    devices.push_back(std::make_unique<Device>(*nodes[i % 3], users[i / 2], leaves_after));
  }
  constexpr std::size_t kSends = 150;  // by each, and to each conversation
  std::vector<std::jthread> threads;
  for (std::size_t w = 0; w < nodes.size(); ++w) {
    threads.emplace_back([&, w] {
      for (std::size_t i = 0; i < kSends; ++i) {
        send(*nodes[w], users[0], chats[(i + w) % chats.size()], "hello");
        const Seq up_to{static_cast<std::int64_t>(i / 3 + 1)};
        if (i % 10 == 9) (void)nodes[w]->mark(users[1], {chats[0], MessageState::read, up_to});
      }
    });
  }
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::size_t first = i < 4 ? 0 : 1;  // carol is in the groups only
    threads.emplace_back([&, i, first] {
      EXPECT_TRUE(devices[i]->follow_until([&](Device& d) {
        return std::all_of(chats.begin() + static_cast<std::ptrdiff_t>(first), chats.end(),
                           [&](ConversationId c) { return d.last(c) == std::int64_t{kSends}; });
      }));
    });
  }
  threads.clear();
  for (auto& device : devices) EXPECT_EQ(device->complaints(), std::vector<std::string>{});
}

MSG_FOR_EACH_SHARED_BACKEND(PostgresNodes);

}  // namespace
}  // namespace msg::test
