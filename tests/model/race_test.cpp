// SPDX-License-Identifier: Apache-2.0
// Devices sync, go live, fall behind and are cut off while others write, join and leave at the same
// time. In the end each knows what there is, and on the way none was offered anything twice.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "model/dice.h"
#include "model/follower.h"
#include "support/backends.h"

namespace msg::test {
namespace {

constexpr int kUsers = 8;
constexpr int kGroups = 5;
constexpr int kWriters = 3;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

/// MSG_MODEL_SEED, or a new one: the interleaving is another each time anyway.
std::uint64_t choose_seed() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* const seed = std::getenv("MSG_MODEL_SEED");
  return seed ? std::strtoull(seed, nullptr, 10) : std::random_device{}();
}

/// Small ones, so that pages end, gaps open and members are left out.
Options tight_options() {
  Options options;
  options.limits.page_size_max = 5;
  options.limits.page_size_default = 3;
  options.limits.sync_messages_max = 6;
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
      groups.push_back(
          must(messenger.create_group(users.front(), {.title = "Group", .users = others})).id);
    }
  }

  void act(Dice& dice) {
    const ConversationId in = dice.pick(groups);
    const UserId user = dice.pick(users);
    const auto die = dice.below(100);
    if (die < 50) {
      (void)messenger_.send({.conversation = in, .sender = user, .content = "text"});
    } else if (die < 80) {
      const auto state = dice.percent(50) ? MessageState::read : MessageState::delivered;
      (void)messenger_.mark(user, {in, state, Seq{dice.between(1, 40)}});
    } else if (die < 89) {
      (void)messenger_.add_member(users.front(), in, user, Role::member);
    } else if (die < 96) {
      (void)messenger_.remove_member(user, in, user);
    } else if (die < 98) {
      (void)messenger_.rename_group(users.front(), in, std::to_string(dice.below(1000)));
    } else {
      (void)messenger_.open_direct(user, dice.pick(users));
    }
  }

  std::vector<UserId> users;
  std::vector<ConversationId> groups;

 private:
  Messenger& messenger_;
};

/// A device with a thread of its own. While it is live the handler has the follower, else the
/// thread has: pause() and the subscription's end wait for the handler.
class RestlessDevice {
 public:
  RestlessDevice(Messenger& messenger, UserId user, std::uint64_t seed)
      : messenger_(messenger), dice_(seed), follower_({.user = user}) {}

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

 private:
  void go_live() {
    if (!subscription_) {
      subscription_ = must(messenger_.subscribe(follower_.knowledge().user,
                                                [this](const auto& event) { take(*event); }));
    }
    bool is_live = false;
    while (!is_live) {
      const int limit = static_cast<int>(dice_.between(1, 5));
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
  Follower follower_;
  std::unique_ptr<Subscription> subscription_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::int64_t events_{0};
  std::atomic<bool> is_finishing_{false};
  int seams_{0};
};

class Race : public testing::TestWithParam<Backend> {};

TEST_P(Race, DevicesThatComeAndGoWhileOthersWriteKnowEverythingOnce) {
  const auto seed = choose_seed();
  SCOPED_TRACE("MSG_MODEL_SEED=" + std::to_string(seed));
  const int actions = GetParam().shared ? 150 : 500;
  const TemporaryDirectory directory;
  const auto messenger = must(open(GetParam().url(directory.path()), tight_options()));
  Crowd crowd(*messenger);
  std::deque<RestlessDevice> devices;
  for (const UserId user : crowd.users)
    devices.emplace_back(*messenger, user, seed + devices.size());

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
    ASSERT_TRUE(follower.settle(*messenger));
    EXPECT_EQ(follower.complaints(), std::vector<std::string>{});
    const auto truth = must(look_up(*messenger, follower.knowledge().user));
    EXPECT_EQ(follower.knowledge().text(), truth.text());
    seams += device.seams();
  }
  EXPECT_GT(seams, 2 * kUsers) << "hardly anybody went live";
}

MSG_FOR_EACH_BACKEND(Race);

}  // namespace
}  // namespace msg::test
