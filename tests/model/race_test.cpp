// SPDX-License-Identifier: Apache-2.0
// Devices sync, go live, fall behind and are cut off while others write, change what was written,
// join and leave at the same time. In the end each knows what there is, and on the way none was
// offered anything twice. What a device knew at any moment on the way, it comes to the same from.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "model/dice.h"
#include "model/follower.h"
#include "model/must.h"
#include "support/backends.h"

namespace msg::test {
namespace {

constexpr int kUsers = 8;
constexpr int kGroups = 5;
constexpr int kWriters = 3;

/// LIBMSG_MODEL_SEED, or a new one: the interleaving is another each time anyway.
std::uint64_t choose_seed() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* const seed = std::getenv("LIBMSG_MODEL_SEED");
  return seed ? std::strtoull(seed, nullptr, 10) : std::random_device{}();
}

/// Small ones, so that pages end, gaps open and members are left out.
Options tight_options() {
  Options options;
  options.limits.page_size_max = 5;
  options.limits.page_size_default = 3;
  options.limits.sync_messages_max = 6;
  options.list_cache_from = 2;
  return options;
}

/// People in groups, and what they do: whatever comes to mind, allowed or not.
class Crowd {
 public:
  explicit Crowd(Messenger& messenger) : messenger_(messenger) {
    for (int i = 0; i < kUsers; ++i) {
      users.push_back(
          must(messenger.register_user({.phone = "+1415555010" + std::to_string(i)})).id);
    }
    for (int i = 0; i < kGroups; ++i) {
      const std::vector<UserId> others(users.begin() + 1, users.begin() + 3 + i % 4);
      rooms.push_back(
          must(messenger.create_group(users.front(), {.title = "Group", .users = others})).id);
    }
    rooms.push_back(must(messenger.open_direct(users[0], users[1])).id);
  }

  void act(Dice& dice) {
    const auto place = static_cast<std::size_t>(dice.below(std::ssize(rooms)));
    const UserId user = dice.pick(users);
    const auto die = dice.below(100);
    if (die < 35) {
      send(dice, place, user);
    } else if (die < 55) {
      const auto state = dice.percent(50) ? MessageState::read : MessageState::delivered;
      (void)messenger_.mark(user, {rooms[place], state, latest(dice, place).seq});
    } else if (die < 80) {
      change(dice, latest(dice, place), user);
    } else if (die < 84) {
      (void)messenger_.mark_unread(user, rooms[place], latest(dice, place).seq);
    } else if (die < 85) {
      (void)messenger_.mark_all_read(user);
    } else {
      move(dice, rooms[place], user);
    }
  }

  std::vector<UserId> users;
  std::vector<ConversationId> rooms;

 private:
  void send(Dice& dice, std::size_t place, UserId user) {
    Draft draft{.conversation = rooms[place], .sender = user, .content = text(dice)};
    if (dice.percent(30)) draft.reply_to = latest(dice, place).seq;
    if (dice.percent(30)) draft.mentions = {dice.pick(users)};
    if (dice.percent(30)) draft.client_id = text(dice);
    const auto sent = messenger_.send(draft);
    if (sent) last_[place] = to_int(sent->id.seq);
  }

  /// An edit, a deletion, a reaction, a pin, or it is passed on.
  void change(Dice& dice, const MessageId& id, UserId user) {
    static const std::vector<std::string> emojis{"+1", "-1", "?"};
    const auto die = dice.below(100);
    const auto found = messenger_.load_message(user, id);
    if (!found) return;
    if (die < 30) {
      (void)messenger_.edit(found->sender, {.message = id, .content = text(dice)});
    } else if (die < 38) {
      (void)messenger_.delete_for_everyone(found->sender, id);
    } else if (die < 50) {
      (void)messenger_.delete_for_me(user, id);
    } else if (die < 70) {
      (void)messenger_.react(user, {id, dice.pick(emojis)});
    } else if (die < 80) {
      (void)messenger_.remove_reaction(user, {id, dice.pick(emojis)});
    } else if (die < 86) {
      (void)messenger_.pin(users.front(), id);
    } else if (die < 92) {
      (void)messenger_.unpin(users.front(), id);
    } else {
      (void)messenger_.forward({.message = id, .sender = user, .conversation = dice.pick(rooms)});
    }
  }

  void move(Dice& dice, ConversationId in, UserId user) {
    const auto die = dice.below(100);
    if (die < 50) {
      (void)messenger_.add_member(users.front(), in, user, Role::member);
    } else if (die < 80) {
      (void)messenger_.remove_member(user, in, user);
    } else if (die < 90) {
      (void)messenger_.rename_group(users.front(), in, text(dice));
    } else {
      (void)messenger_.open_direct(user, dice.pick(users));
    }
  }

  static std::string text(Dice& dice) {
    return "text " + std::to_string(dice.below(1000)) +
           std::string(static_cast<std::size_t>(dice.percent(10) ? dice.below(400) : 0), '.');
  }

  /// One of the newest, as far as is known here.
  MessageId latest(Dice& dice, std::size_t place) const {
    const std::int64_t last = std::max<std::int64_t>(last_[place], 1);
    const std::int64_t reach = dice.percent(50) ? 5 : dice.percent(80) ? 20 : 200;
    return {rooms[place], Seq{dice.between(std::max<std::int64_t>(1, last - reach), last)}};
  }

  Messenger& messenger_;
  std::array<std::atomic<std::int64_t>, kGroups + 1> last_{};
};

/// A device with a thread of its own. While it is live the handler has the follower, else the
/// thread has: pause() and the subscription's end wait for the handler.
class RestlessDevice {
 public:
  /// `switches`: its user switches read receipts off and on.
  RestlessDevice(Messenger& messenger, UserId user, std::uint64_t seed, bool switches)
      : messenger_(messenger), dice_(seed), switches_(switches), follower_({.user = user}) {}

  /// Until finish() was called and all is known.
  void run() {
    while (true) {
      const bool is_last = is_finishing_;
      go_live();
      if (is_last) break;
      wait_for_events(dice_.between(1, 30));
      if (dice_.percent(30)) {
        subscription_.reset();
      } else {
        subscription_->pause();
      }
      if (switches_ && dice_.percent(30)) switch_reads();
    }
    subscription_.reset();
  }
  void finish() {
    const std::scoped_lock lock(mutex_);
    is_finishing_ = true;
    woken_.notify_all();
  }
  Follower& follower() { return follower_; }
  int seams() const { return seams_; }
  /// What it knew on the way.
  const std::vector<Knowledge>& moments() const { return moments_; }

 private:
  /// While nothing is handed to the device, so that it knows which it is told by.
  void switch_reads() {
    const UserId user = follower_.knowledge().user;
    must(messenger_.update_user(user, {.read_receipts = !follower_.knowledge().sees_reads}));
  }

  void go_live() {
    if (!subscription_) {
      subscription_ = must(messenger_.subscribe(follower_.knowledge().user,
                                                [this](const auto& event) { take(*event); }));
    }
    bool is_live = false;
    while (!is_live) {
      const int limit = static_cast<int>(dice_.between(1, 5));
      if (dice_.percent(30)) moments_.push_back(follower_.knowledge());
      if (!must(follower_.sync_page(messenger_, limit))) continue;
      const std::string cursor = follower_.knowledge().cursor;
      is_live = must(subscription_->go_live(cursor));  // from here on the follower is the handler's
    }
    ++seams_;
  }

  void take(const Event& event) {
    follower_.take(event);
    const std::scoped_lock lock(mutex_);
    ++events_;
    woken_.notify_all();
  }

  void wait_for_events(std::int64_t count) {
    std::unique_lock lock(mutex_);
    const auto enough = events_ + count;
    woken_.wait(lock, [&] { return is_finishing_ || events_ >= enough; });
  }

  Messenger& messenger_;
  Dice dice_;
  const bool switches_;
  Follower follower_;
  std::vector<Knowledge> moments_;
  std::unique_ptr<Subscription> subscription_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::int64_t events_{0};
  std::atomic<bool> is_finishing_{false};
  int seams_{0};
};

testing::AssertionResult ends_as(Messenger& messenger, Follower& follower,
                                 const std::string& truth) {
  if (!follower.settle(messenger)) return testing::AssertionFailure() << "cannot read what is left";
  if (!follower.complaints().empty()) {
    return testing::AssertionFailure() << follower.complaints().front();
  }
  return is_same(follower.knowledge().text(), truth);
}

class Race : public testing::TestWithParam<Backend> {};

TEST_P(Race, DevicesThatComeAndGoWhileOthersWriteKnowEverythingOnce) {
  const auto seed = choose_seed();
  SCOPED_TRACE("LIBMSG_MODEL_SEED=" + std::to_string(seed));
  const int actions = GetParam().shared ? 150 : 500;
  const TemporaryDirectory directory;
  const auto messenger = must(open(GetParam().url(directory.path()), tight_options()));
  Crowd crowd(*messenger);
  std::deque<RestlessDevice> devices;
  for (const UserId user : crowd.users)
    devices.emplace_back(*messenger, user, seed + devices.size(), devices.size() % 4 == 3);

  {
    std::vector<std::jthread> watching;
    watching.reserve(devices.size());
    for (auto& device : devices) watching.emplace_back([&] { device.run(); });
    {
      std::vector<std::jthread> writing;
      writing.reserve(kWriters);
      for (int i = 0; i < kWriters; ++i) {
        writing.emplace_back([&, i] {
          Dice dice(seed ^ static_cast<std::uint64_t>(1000 + i));
          for (int n = 0; n < actions; ++n) crowd.act(dice);
        });
      }
    }
    for (auto& device : devices) device.finish();
  }

  int seams = 0;
  for (auto& device : devices) {
    Follower& follower = device.follower();
    const std::string truth = must(look_up(*messenger, follower.knowledge().user)).text();
    ASSERT_TRUE(ends_as(*messenger, follower, truth));
    for (const auto& moment : device.moments()) {
      Follower again(moment);
      while (!must(again.sync_page(*messenger, 3))) {
      }
      ASSERT_TRUE(ends_as(*messenger, again, truth)) << "from an earlier moment";
    }
    seams += device.seams();
  }
  EXPECT_GT(seams, 2 * kUsers) << "hardly anybody went live";
}

MSG_FOR_EACH_BACKEND(Race);

}  // namespace
}  // namespace msg::test
