// SPDX-License-Identifier: Apache-2.0
#include "msg/presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace msg {
namespace {

using namespace std::chrono_literals;
using People = std::vector<PersonPresence>;

/// A handler that keeps what it is told, or refuses it.
struct Told {
  std::vector<People> calls;
  bool takes{true};
  PresenceHandler handler() {
    return [this](const People& changed) {
      if (takes) calls.push_back(changed);
      return takes;
    };
  }
};

class PresenceTest : public testing::Test {
 protected:
  PresenceTest() {
    Options store;
    store.clock = [this] { return now_; };
    messenger_ = std::move(*open("memory:", std::move(store)));
    restart();
    viewer_ = add_user();
  }

  void restart(std::size_t watched_max = 256) {
    PresenceOptions options;
    options.clock = [this] { return now_; };
    options.watched_max = watched_max;
    presence_ = std::make_unique<Presence>(*messenger_, std::move(options));
  }
  User add_user(Audience presence_to = Audience::everyone) {
    const auto number = std::to_string(1000000 + next_++);
    const auto made = messenger_->register_user({.phone = "+1415" + number});
    return *messenger_->update_user(made->id, {.presence_to = presence_to});
  }
  /// Time passes, and what has changed is told.
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    presence_->flush();
  }
  PresenceState state_of(UserId user, UserId viewer) {
    return presence_->look(viewer, std::vector{user})->front().state;
  }
  std::unique_ptr<PresenceWatch> watch(UserId viewer, const std::vector<UserId>& users, Told& told,
                                       People* known = nullptr) {
    People ignored;
    return *presence_->watch(viewer, users, told.handler(), known != nullptr ? *known : ignored);
  }

  Time now_{std::chrono::milliseconds{1'800'000'000'000}};
  std::unique_ptr<Messenger> messenger_;
  std::unique_ptr<Presence> presence_;
  User viewer_;

 private:
  int next_{0};
};

TEST_F(PresenceTest, OnlineAwayAndOfflineByTheDevices) {
  const User alice = add_user();
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::offline);
  auto phone = presence_->enter(alice);
  auto laptop = presence_->enter(alice);
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::online);
  phone->set_away(true);
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::online) << "the laptop is active";
  laptop->set_away(true);
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::away);
  laptop->touch();
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::away) << "it has said so itself";
  laptop->set_away(false);
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::online);
  laptop.reset();
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::away);
  phone.reset();
  pass(10s);
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::offline);
}

TEST_F(PresenceTest, AnIdleDeviceIsAwayUntilItIsUsed) {
  const User alice = add_user();
  const auto phone = presence_->enter(alice);
  const auto idle_since = now_;
  pass(5min);
  const auto seen = presence_->look(viewer_.id, std::vector{alice.id});
  EXPECT_EQ(*seen, (People{{alice.id, PresenceState::away, idle_since}}));
  phone->touch();
  EXPECT_EQ(state_of(alice.id, viewer_.id), PresenceState::online);
}

TEST_F(PresenceTest, WhoComesBackInTimeWasNeverAway) {
  const User alice = add_user();
  Told told;
  const auto phone = presence_->enter(alice);
  People known;
  const auto watching = watch(viewer_.id, {alice.id}, told, &known);
  EXPECT_EQ(known, (People{{alice.id, PresenceState::online, std::nullopt}}));
  {
    auto laptop = presence_->enter(alice);
    pass(1s);
  }
  auto second = presence_->enter(alice);
  second.reset();
  pass(9s);
  EXPECT_THAT(told.calls, testing::IsEmpty());
}

TEST_F(PresenceTest, ChangesAreToldOnceAndTogether) {
  const User alice = add_user();
  const User bob = add_user();
  Told told;
  const auto watching = watch(viewer_.id, {alice.id, bob.id, alice.id}, told);
  std::vector<std::unique_ptr<PresenceDevice>> devices;
  for (int i = 0; i < 20; ++i) {
    devices.push_back(presence_->enter(alice));
    devices.push_back(presence_->enter(bob));
    if (i % 3 == 0) devices.clear();
  }
  pass(1s);
  ASSERT_EQ(told.calls.size(), 1U);
  EXPECT_EQ(told.calls[0], (People{{alice.id, PresenceState::online, std::nullopt},
                                   {bob.id, PresenceState::online, std::nullopt}}));
  pass(1s);
  EXPECT_EQ(told.calls.size(), 1U) << "nothing has changed";
}

TEST_F(PresenceTest, WhatIsNotTakenIsOfferedAgainAsItIsThen) {
  const User alice = add_user();
  Told told;
  const auto watching = watch(viewer_.id, {alice.id}, told);
  told.takes = false;
  const auto phone = presence_->enter(alice);
  pass(1s);
  phone->set_away(true);
  const auto since = now_;
  pass(1s);
  told.takes = true;
  pass(1s);
  ASSERT_EQ(told.calls.size(), 1U);
  EXPECT_EQ(told.calls[0], (People{{alice.id, PresenceState::away, since}}));
}

TEST_F(PresenceTest, NobodyIsToldWhoDidNotAskOrEnded) {
  const User alice = add_user();
  Told told;
  watch(viewer_.id, {alice.id}, told).reset();
  const auto phone = presence_->enter(alice);
  const auto own = presence_->enter(viewer_);
  pass(1s);
  EXPECT_THAT(told.calls, testing::IsEmpty());
}

TEST_F(PresenceTest, AudienceDecidesWhoSees) {
  const User open = add_user(Audience::everyone);
  const User guarded = add_user(Audience::contacts);
  const User closed = add_user(Audience::nobody);
  const User contact = add_user();
  ASSERT_TRUE(messenger_->open_direct(contact.id, guarded.id));
  ASSERT_TRUE(messenger_->open_direct(contact.id, closed.id));
  ASSERT_TRUE(messenger_->create_group(viewer_.id,
                                       {.title = "t", .users = {open.id, guarded.id, closed.id}}));
  const auto a = presence_->enter(open);
  const auto b = presence_->enter(guarded);
  const auto c = presence_->enter(closed);
  const std::vector all{open.id, guarded.id, closed.id, UserId{7}};
  using enum PresenceState;
  const auto states = [&](UserId viewer) {
    std::vector<PresenceState> result;
    const auto seen = presence_->look(viewer, all);
    for (const auto& one : *seen) result.push_back(one.state);
    return result;
  };
  EXPECT_EQ(states(viewer_.id), (std::vector{online, offline, offline, offline}));
  EXPECT_EQ(states(contact.id), (std::vector{online, online, offline, offline}));
  EXPECT_EQ(states(closed.id), (std::vector{online, offline, online, offline})) << "oneself";
  EXPECT_EQ(presence_->look(viewer_.id, all)->at(2).last_seen, std::nullopt);
}

TEST_F(PresenceTest, ANewAudienceIsTold) {
  const User alice = add_user(Audience::everyone);
  Told told;
  const auto phone = presence_->enter(alice);
  const auto watching = watch(viewer_.id, {alice.id}, told);
  presence_->update(*messenger_->update_user(alice.id, {.presence_to = Audience::nobody}));
  pass(1s);
  presence_->update(*messenger_->update_user(alice.id, {.presence_to = Audience::everyone}));
  pass(1s);
  ASSERT_EQ(told.calls.size(), 2U);
  EXPECT_EQ(told.calls[0], (People{{alice.id, PresenceState::offline, std::nullopt}}));
  EXPECT_EQ(told.calls[1], (People{{alice.id, PresenceState::online, std::nullopt}}));
}

TEST_F(PresenceTest, LastSeenIsStoredOnceSomebodyHasGone) {
  const User alice = add_user();
  auto phone = presence_->enter(alice);
  pass(1s);
  ASSERT_TRUE(presence_->store_last_seen());
  EXPECT_EQ(messenger_->load_user(alice.id)->last_seen, std::nullopt) << "still there";
  const auto gone = now_;
  phone.reset();
  pass(10s);
  ASSERT_TRUE(presence_->store_last_seen());
  EXPECT_EQ(messenger_->load_user(alice.id)->last_seen, gone);
  EXPECT_EQ(messenger_->load_user(alice.id)->updated_at, alice.updated_at);
  pass(1s);
  EXPECT_EQ(presence_->size(), 0U) << "nothing is kept of them";
  restart();
  EXPECT_EQ(*presence_->look(viewer_.id, std::vector{alice.id}),
            (People{{alice.id, PresenceState::offline, gone}}));
}

TEST_F(PresenceTest, StoringIsBoundedAndCatchesUp) {
  constexpr int kUsers = 150;
  std::vector<User> users;
  for (int i = 0; i < kUsers; ++i) users.push_back(add_user());
  for (const auto& user : users) presence_->enter(user).reset();
  pass(10s);
  const auto stored = [&] {
    const auto is_stored = [&](const User& user) {
      return messenger_->load_user(user.id)->last_seen.has_value();
    };
    return std::ranges::count_if(users, is_stored);
  };
  ASSERT_TRUE(presence_->store_last_seen());
  EXPECT_EQ(stored(), 64);
  ASSERT_TRUE(presence_->store_last_seen());
  ASSERT_TRUE(presence_->store_last_seen());
  EXPECT_EQ(stored(), kUsers);
}

TEST_F(PresenceTest, TheEndStoresEverybody) {
  std::vector<User> users;
  for (int i = 0; i < 300; ++i) users.push_back(add_user());
  std::vector<std::unique_ptr<PresenceDevice>> devices;
  for (const auto& user : users) devices.push_back(presence_->enter(user));
  const auto there = now_;
  pass(1s);
  ASSERT_TRUE(presence_->store_last_seen(true));
  for (const auto& user : users) EXPECT_EQ(messenger_->load_user(user.id)->last_seen, there);
}

TEST_F(PresenceTest, TooManyAreRefused) {
  restart(2);
  const std::vector<UserId> three{UserId{1}, UserId{2}, UserId{3}};
  EXPECT_EQ(presence_->look(viewer_.id, three).error().code, Code::invalid_argument);
  People known;
  EXPECT_EQ(presence_->watch(
                         viewer_.id, three, [](const People&) { return true; }, known)
                .error()
                .field,
            "user_ids");
}

/// 10,000 users lose their connections at once, come back within some windows, each with a watch of
/// 20 others: what is told grows with the watches and the windows, not with users times users.
TEST_F(PresenceTest, AMassReconnectDoesNotStorm) {
  constexpr int kUsers = 10'000;
  constexpr int kWatched = 20;
  constexpr int kWindows = 5;
  std::vector<User> users;
  for (int i = 0; i < kUsers; ++i) users.push_back(add_user());
  std::size_t frames = 0;
  std::size_t changes = 0;
  const auto count = [&](const People& told) {
    ++frames;
    changes += told.size();
    return true;
  };
  struct Session {
    std::unique_ptr<PresenceDevice> device;
    std::unique_ptr<PresenceWatch> watch;
  };
  std::vector<Session> sessions(kUsers);
  const auto connect = [&](int i) {
    std::vector<UserId> others;
    for (int k = 1; k <= kWatched; ++k) {
      others.push_back(users[static_cast<std::size_t>((i + k * 37) % kUsers)].id);
    }
    const auto at = static_cast<std::size_t>(i);
    People known;
    sessions[at].device = presence_->enter(users[at]);
    sessions[at].watch = *presence_->watch(users[at].id, others, count, known);
  };
  const auto come_back = [&] {
    for (int window = 0; window < kWindows; ++window) {
      for (int i = window; i < kUsers; i += kWindows) connect(i);
      pass(1s);
    }
  };
  come_back();  // nobody was there before: the worst case
  EXPECT_LE(frames, std::size_t{kUsers} * kWindows);
  EXPECT_LE(changes, std::size_t{kUsers} * kWatched);
  RecordProperty("frames_first", std::to_string(frames));
  RecordProperty("changes_first", std::to_string(changes));
  frames = changes = 0;
  sessions = std::vector<Session>(kUsers);  // the network fails, and nobody is offline so soon
  come_back();
  EXPECT_EQ(frames, 0U);
  sessions = std::vector<Session>(kUsers);
  pass(10s);
  EXPECT_EQ(frames, 0U) << "nobody is left to be told";
}

}  // namespace
}  // namespace msg
