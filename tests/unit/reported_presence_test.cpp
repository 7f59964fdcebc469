// SPDX-License-Identifier: Apache-2.0
#include "ops/reported_presence.h"

#include <gtest/gtest.h>

#include <memory>

#include "msg/messenger.h"

namespace msgd {
namespace {

using msg::PresenceState;

class ReportedPresenceTest : public testing::Test {
 protected:
  void SetUp() override {
    alice_ = *messenger_->register_user({.phone = "+14155550101"});
    bob_ = *messenger_->register_user({.phone = "+14155550102"});
    ASSERT_TRUE(messenger_->open_direct(alice_.id, bob_.id));
  }
  PresenceState seen() {
    presence_.flush();
    return presence_.look(bob_.id, std::array{alice_.id})->front().state;
  }

  ReportedPresence::Time now_{};
  std::unique_ptr<msg::Messenger> messenger_ = *msg::open("memory:");
  msg::Presence presence_{*messenger_, {.offline_after = {}}};
  ReportedPresence reported_{presence_, [this] { return now_; }};
  msg::User alice_;
  msg::User bob_;
};

TEST_F(ReportedPresenceTest, HoldsForItsLifetime) {
  ASSERT_TRUE(reported_.report(alice_, PresenceState::online));
  EXPECT_EQ(seen(), PresenceState::online);
  now_ += ReportedPresence::kLifetime - std::chrono::seconds(1);
  reported_.expire();
  EXPECT_EQ(seen(), PresenceState::online);
  now_ += std::chrono::seconds(1);
  reported_.expire();
  EXPECT_EQ(seen(), PresenceState::offline);
}

TEST_F(ReportedPresenceTest, SaidAgainItHoldsLonger) {
  ASSERT_TRUE(reported_.report(alice_, PresenceState::online));
  ASSERT_TRUE(reported_.report(bob_, PresenceState::online));
  now_ += std::chrono::seconds(60);
  ASSERT_TRUE(reported_.report(alice_, PresenceState::away));
  now_ += std::chrono::seconds(60);
  reported_.expire();
  EXPECT_EQ(seen(), PresenceState::away);
  EXPECT_EQ(presence_.look(alice_.id, std::array{bob_.id})->front().state, PresenceState::offline);
}

TEST_F(ReportedPresenceTest, OfflineIsAtOnceAndMayBeSaidByAnybody) {
  ASSERT_TRUE(reported_.report(alice_, PresenceState::offline));
  ASSERT_TRUE(reported_.report(alice_, PresenceState::online));
  ASSERT_TRUE(reported_.report(alice_, PresenceState::offline));
  EXPECT_EQ(seen(), PresenceState::offline);
}

TEST_F(ReportedPresenceTest, HasABound) {
  msg::User somebody = alice_;
  for (std::size_t i = 0; i < ReportedPresence::kUsersMax; ++i) {
    somebody.id = msg::UserId{static_cast<std::int64_t>(i + 1)};
    ASSERT_TRUE(reported_.report(somebody, PresenceState::online));
  }
  somebody.id = msg::UserId{1'000'000};
  const auto refused = reported_.report(somebody, PresenceState::online);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, msg::Code::overloaded);
  reported_.clear();
  EXPECT_TRUE(reported_.report(somebody, PresenceState::online));
}

}  // namespace
}  // namespace msgd
