// SPDX-License-Identifier: Apache-2.0
// The moments that a test from outside does not meet: a commit between a snapshot and the choice.
#include "messenger/list_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace msg::test {
namespace {

constexpr UserId kUser{7};

Horizon seeing(std::int64_t own) {
  Horizon horizon;
  horizon.up_to.front() = Version{own};
  return horizon;
}

ListPlace place(std::int64_t activity, std::int64_t conversation) {
  return {Version{activity}, ConversationId{conversation}};
}

class ListCacheTest : public testing::Test {
 protected:
  /// Conversations 1 to 5, the larger number the later activity.
  void SetUp() override {
    const auto load = cache_.begin_load(kUser);
    for (std::int64_t i = 1; i <= 5; ++i) load->add(place(i, i));
    load->finish(seeing(10));
  }
  void commit(std::int64_t version, ListChanges changes) {
    cache_.committed({.events = {},
                      .before = cache_.position().up_to.front(),
                      .last = Version{version},
                      .lists = std::move(changes)});
  }
  std::optional<std::vector<std::int64_t>> choose(std::int64_t own, std::size_t count) {
    const auto chosen = cache_.choose(kUser, seeing(own), std::nullopt, count);
    if (!chosen) return std::nullopt;
    std::vector<std::int64_t> ids;
    for (const ConversationId id : *chosen) ids.push_back(to_int(id));
    return ids;
  }

  ListCache cache_{{}, 0, seeing(10)};
};

TEST_F(ListCacheTest, WhatWasCommittedSinceTheSnapshotTakesNobodysPlace) {
  commit(20, {.places = {place(18, 1), place(19, 2), place(20, 3)}, .memberships = {}});
  EXPECT_THAT(choose(10, 2), testing::Optional(testing::UnorderedElementsAre(5, 4, 1, 2, 3)));
  EXPECT_THAT(choose(20, 2), testing::Optional(testing::UnorderedElementsAre(3, 2)));
}

TEST_F(ListCacheTest, ASnapshotThatSeesMoreIsNotAnswered) {
  EXPECT_FALSE(choose(20, 2));
  commit(20, {});
  EXPECT_TRUE(choose(20, 2));
  EXPECT_TRUE(choose(10, 2));
}

TEST_F(ListCacheTest, ASnapshotBeforeAMembershipIsNotAnswered) {
  commit(20, {.places = {place(5, 5)}, .memberships = {{kUser, ConversationId{5}, false, {}}}});
  EXPECT_FALSE(choose(10, 2));
  EXPECT_THAT(choose(20, 2), testing::Optional(testing::UnorderedElementsAre(4, 3)));
}

TEST_F(ListCacheTest, WhatIsCommittedWhileAListIsReadIsNotMissed) {
  constexpr UserId kOther{8};
  const auto load = cache_.begin_load(kOther);
  load->add(place(1, 1));
  load->add(place(6, 6));
  commit(20, {.places = {place(20, 1), place(6, 9)},
              .memberships = {{kOther, ConversationId{9}, true, {}}}});
  load->finish(seeing(10));
  const auto chosen = cache_.choose(kOther, seeing(20), std::nullopt, 3);
  EXPECT_THAT(chosen, testing::Optional(testing::UnorderedElementsAre(
                          ConversationId{1}, ConversationId{6}, ConversationId{9})));
  EXPECT_FALSE(cache_.choose(kOther, seeing(10), std::nullopt, 3));
  EXPECT_THAT(choose(20, 1), testing::Optional(testing::ElementsAre(1)));
}

TEST_F(ListCacheTest, AGapInTheCommitsIsClosedByNewsOnly) {
  cache_.committed({.events = {}, .before = Version{15}, .last = Version{20}, .lists = {}});
  EXPECT_FALSE(choose(20, 1));
  ListNews news;
  news.up_to = seeing(15);
  news.places = {place(12, 2)};
  cache_.learn(news, seeing(15));
  EXPECT_THAT(choose(20, 1), testing::Optional(testing::ElementsAre(2)));
}

TEST_F(ListCacheTest, AStoreThatHasForgottenMakesItForget) {
  cache_.learn(std::nullopt, seeing(30));
  EXPECT_FALSE(cache_.has_list(kUser));
}

}  // namespace
}  // namespace msg::test
