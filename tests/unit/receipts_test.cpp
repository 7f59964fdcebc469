// SPDX-License-Identifier: Apache-2.0
#include "messenger/receipts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace msg {
namespace {

constexpr Time at(int seconds) {
  return Time{std::chrono::seconds(seconds)};
}

TEST(Receipts, MarksOnlyRise) {
  MemberRow member;
  EXPECT_TRUE(raise_marks(member, MessageState::delivered, Seq{5}, at(1)));
  EXPECT_FALSE(raise_marks(member, MessageState::delivered, Seq{4}, at(2)));
  EXPECT_TRUE(raise_marks(member, MessageState::read, Seq{3}, at(3)));
  EXPECT_FALSE(raise_marks(member, MessageState::read, Seq{3}, at(4)));
  EXPECT_EQ(member.delivered, Seq{5});
  EXPECT_EQ(member.read, Seq{3});
  EXPECT_TRUE(raise_marks(member, MessageState::read, Seq{7}, at(5)));
  EXPECT_EQ(member.delivered, Seq{7}) << "what is read is delivered";
}

/// All orders of all multisets of a few receipts: the join has one result.
TEST(Receipts, EveryOrderOfTheSameReceiptsEndsInTheSameMarks) {
  using Receipt = std::pair<MessageState, int>;
  std::vector<Receipt> receipts{{MessageState::delivered, 1}, {MessageState::delivered, 3},
                                {MessageState::read, 1},      {MessageState::read, 2},
                                {MessageState::delivered, 3}, {MessageState::read, 2}};
  std::ranges::sort(receipts);
  do {
    MemberRow member;
    MemberRow before;
    for (const auto& [state, seq] : receipts) {
      before = member;
      raise_marks(member, state, Seq{seq}, at(0));
      ASSERT_GE(member.delivered, before.delivered);
      ASSERT_GE(member.read, before.read);
      ASSERT_GE(member.delivered, member.read);
    }
    ASSERT_EQ(member.delivered, Seq{3});
    ASSERT_EQ(member.read, Seq{2});
  } while (std::ranges::next_permutation(receipts).found);
}

TEST(Receipts, RememberWhenExactlyForTheLatestAndNoLaterThanForOlder) {
  MemberRow member;
  for (int i = 1; i <= 1000; ++i) {
    raise_marks(member, MessageState::read, Seq{i}, at(i));
    ASSERT_LE(member.read_runs.size(), kReceiptRunsMax);
    ASSERT_TRUE(std::ranges::is_sorted(member.read_runs, {}, &ReceiptRun::up_to));
  }
  for (int i = 1; i <= 1000; ++i) {
    const auto when = reached_at(member.read_runs, Seq{i});
    ASSERT_TRUE(when);
    ASSERT_GE(*when, at(i));
    if (i > 1000 - static_cast<int>(kReceiptRunsMax)) {
      EXPECT_EQ(*when, at(i));
    }
  }
  EXPECT_FALSE(reached_at(member.read_runs, Seq{1001}));
}

TEST(Receipts, WhatIsReadWithoutTellingRaisesOnesOwnMarkOnly) {
  MemberRow member;
  EXPECT_TRUE(raise_marks(member, MessageState::read, Seq{2}, at(1)).shown);
  const auto hidden = raise_marks(member, MessageState::read, Seq{5}, at(2), false);
  EXPECT_TRUE(hidden.read && hidden.delivered && !hidden.shown);
  EXPECT_EQ(member.read, Seq{5});
  EXPECT_EQ(member.delivered, Seq{5});
  EXPECT_EQ(shown_read(member), Seq{2});
  EXPECT_EQ(member.read_runs, (std::vector<ReceiptRun>{{Seq{2}, at(1)}}));
  EXPECT_EQ(member.own.hidden_read_at, at(2));
  const Reader other{.user = UserId{1}};
  const Reader self{.user = member.user};
  EXPECT_EQ(state_for(member, Seq{4}, other), MessageState::delivered);
  EXPECT_EQ(state_for(member, Seq{4}, self), MessageState::read);
  EXPECT_EQ(state_for(member, Seq{2}, {.user = UserId{1}, .sees_reads = false}),
            MessageState::delivered);

  const auto told = raise_marks(member, MessageState::read, Seq{4}, at(3));
  EXPECT_TRUE(told.shown && !told.read);
  EXPECT_EQ(shown_read(member), Seq{4});
  EXPECT_EQ(member.read, Seq{5});
  raise_marks(member, MessageState::read, Seq{5}, at(4));
  EXPECT_FALSE(member.own.shown_read || member.own.hidden_read_at);
  EXPECT_EQ(reached_at(member.read_runs, Seq{5}), at(4)) << "of the receipt, not of the reading";
}

TEST(Receipts, AMarkThatItIsUnreadGoesWithTheReadReceiptForItsMessage) {
  MemberRow member;
  raise_marks(member, MessageState::read, Seq{9}, at(1));
  member.own.unread_from = Seq{4};
  EXPECT_FALSE(raise_marks(member, MessageState::read, Seq{3}, at(2)));
  EXPECT_FALSE(raise_marks(member, MessageState::delivered, Seq{9}, at(2)));
  const auto raised = raise_marks(member, MessageState::read, Seq{4}, at(2));
  EXPECT_TRUE(raised.unread && !raised.read && !raised.shown);
  EXPECT_FALSE(member.own.unread_from);
}

TEST(Receipts, OneMomentIsOneRun) {
  MemberRow member;
  for (int i = 1; i <= 10; ++i) raise_marks(member, MessageState::delivered, Seq{i}, at(7));
  EXPECT_EQ(member.delivered_runs, (std::vector<ReceiptRun>{{Seq{10}, at(7)}}));
}

}  // namespace
}  // namespace msg
