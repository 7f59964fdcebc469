// SPDX-License-Identifier: Apache-2.0
// What a hub makes of news of other processes, in orders and at moments that no test of theirs
// brings about.
#include "feed/change_hub.h"

#include <gtest/gtest.h>

#include <chrono>

#include "messenger/impl.h"
#include "unit/store_results.h"

namespace msg::test {
namespace {

constexpr std::size_t kOther = 5;  // a writer that this process is not
constexpr auto kNow = [] { return std::chrono::steady_clock::now(); };

class ChangeHubTest : public testing::Test {
 protected:
  void SetUp() override {
    alice_ = must(messenger_->register_user({.phone = "+4930000001"})).id;
    bob_ = must(messenger_->register_user({.phone = "+4930000002"})).id;
    chat_ = must(messenger_->open_direct(alice_, bob_)).id;
    live_ = must(messenger_->subscribe(
        bob_, [this](const auto& event) { heard_.push_back(to_int(event->version)); },
        [this] { ++falls_; }));
    ASSERT_TRUE(go_live());
  }

  bool go_live() { return must(live_->go_live(must(messenger_->sync(bob_, {})).cursor)); }

  News news(std::int64_t before, std::int64_t last, NewsItem item) {
    return {.writer = kOther,
            .life = 1,
            .before = Version{before},
            .last = Version{last},
            .built_on = {},
            .items = {std::move(item)},
            .heard_at = kNow()};
  }
  /// Alice says something, elsewhere.
  News message(std::int64_t before, std::int64_t last) {
    auto event = std::make_shared<Event>();
    event->conversation = chat_;
    event->version = Version{last};
    event->body = MessageEvent{};
    return news(before, last, std::move(event));
  }
  Position stored(std::int64_t of_the_other) {
    Position position;
    position.horizon = hub_.reached();
    position.horizon.up_to.at(kOther) = Version{of_the_other};
    return position;
  }

  const std::unique_ptr<Messenger> messenger_ = must(open("memory:"));
  ChangeHub& hub_ = MessengerInside::of(*messenger_).hub;
  UserId alice_{};
  UserId bob_{};
  ConversationId chat_{};
  std::vector<std::int64_t> heard_;
  int falls_{0};
  std::unique_ptr<Subscription> live_;
};

TEST_F(ChangeHubTest, HandsOutWhatWaitedWhenItsTurnComes) {
  hub_.follow(message(1, 2));
  EXPECT_TRUE(heard_.empty());
  EXPECT_TRUE(hub_.waits_since());
  hub_.follow(message(0, 1));
  EXPECT_EQ(heard_, (std::vector<std::int64_t>{1, 2}));
  hub_.follow(message(0, 1));  // twice
  EXPECT_EQ(heard_.size(), 2u);
  EXPECT_FALSE(hub_.waits_since());
  EXPECT_EQ(falls_, 0);
}

TEST_F(ChangeHubTest, IsPatientWithWhatCameLater) {
  const auto before = kNow();
  hub_.follow(message(1, 2));
  hub_.stop_waiting(before - std::chrono::seconds(1));
  EXPECT_TRUE(hub_.is_in_order());
  hub_.stop_waiting(kNow());
  EXPECT_FALSE(hub_.is_in_order());
  EXPECT_EQ(falls_, 1);
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ChangeHubTest, IsInOrderAgainWhenEverybodyWasToldToSyncWhatThereIs) {
  hub_.follow(message(1, 2));
  hub_.stop_waiting(kNow());
  hub_.follow(message(2, 3));
  EXPECT_EQ(hub_.reached().up_to.at(kOther), Version{3});
  hub_.begin_catch_up();
  hub_.follow(message(3, 4));
  hub_.follow(message(4, 5));
  hub_.catch_up(std::nullopt);  // the store did not answer
  EXPECT_FALSE(hub_.is_in_order());
  hub_.begin_catch_up();
  hub_.follow(message(5, 6));
  hub_.follow(message(6, 7));
  hub_.catch_up(stored(6));
  EXPECT_TRUE(hub_.is_in_order());
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(hub_.reached().up_to.at(kOther), Version{7});
  EXPECT_EQ(falls_, 1) << "who is behind does not fall";
  ASSERT_TRUE(go_live());
  hub_.follow(message(7, 8));
  EXPECT_EQ(heard_, std::vector<std::int64_t>{8});
}

TEST_F(ChangeHubTest, DisturbsNobodyWhenTheStoreHasNothingThatWasNotToldOf) {
  hub_.follow(message(0, 1));
  hub_.begin_catch_up();
  hub_.catch_up(stored(1));
  EXPECT_TRUE(hub_.is_in_order());
  EXPECT_EQ(falls_, 0);
}

TEST_F(ChangeHubTest, HasEverybodySyncWhenTheStoreLostWhatWasToldOf) {
  hub_.follow(message(0, 100));
  hub_.follow(message(90, 101));
  EXPECT_EQ(heard_, std::vector<std::int64_t>{100});
  hub_.stop_waiting(kNow());
  EXPECT_EQ(falls_, 1);
  // And that can be done although the store does not have what was told of.
  hub_.begin_catch_up();
  hub_.catch_up(stored(0));
  EXPECT_TRUE(go_live());
}

TEST_F(ChangeHubTest, ACommitOfAnySizeIsToldOfInOrder) {
  News large = message(0, 1);
  large.items.resize(70'000, large.items.front());
  hub_.follow(std::move(large));
  EXPECT_EQ(heard_.size(), 70'000u);
  EXPECT_TRUE(hub_.is_in_order());
}

TEST_F(ChangeHubTest, KeepsABoundedAmountWaiting) {
  for (std::int64_t i = 1; hub_.is_in_order(); ++i) {
    ASSERT_LT(i, 100'000);
    hub_.follow(message(i, i + 1));
  }
  EXPECT_EQ(falls_, 1);
}

TEST_F(ChangeHubTest, WhatConcernsEverybodyIsSyncedByEverybody) {
  hub_.follow(news(0, 1, Everybody{}));
  EXPECT_EQ(falls_, 1);
  EXPECT_TRUE(hub_.is_in_order());
}

}  // namespace
}  // namespace msg::test
