// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "msgctl/progress.h"
#include "msgctl/tick_marks.h"

namespace msgctl {
namespace {

using std::chrono::milliseconds;

constexpr msg::UserId kMe{1};
constexpr msg::UserId kPeer{2};
constexpr msg::ConversationId kConversation{9};

msg::Message message(int seq, msg::UserId sender, std::string client_id = {}) {
  msg::Message made;
  made.id = {kConversation, msg::Seq{seq}};
  made.sender = sender;
  made.content = "text " + std::to_string(seq);
  made.client_id = std::move(client_id);
  return made;
}

msg::Member member(msg::UserId user, int delivered, int read, int version) {
  msg::Member made;
  made.conversation = kConversation;
  made.user = user;
  made.visible_from = msg::Seq{1};
  made.delivered = msg::Seq{delivered};
  made.read = msg::Seq{read};
  made.version = msg::Version{version};
  return made;
}

class ChatModelTest : public testing::Test {
 protected:
  ChatModelTest() {
    model_.opened({member(kMe, 0, 0, 1), member(kPeer, 0, 0, 1)}, {}, msg::Seq{0}, now_);
    model_.online(now_);
  }

  template <class Ask>
  std::vector<Ask> asks() {
    std::vector<Ask> found;
    for (const auto& ask : model_.take_asks()) {
      if (const auto* one = std::get_if<Ask>(&ask)) found.push_back(*one);
    }
    return found;
  }
  std::vector<int> shown() {
    std::vector<int> seqs;
    for (const auto& show : model_.take_shows()) {
      if (const auto* one = std::get_if<ShowMessage>(&show)) {
        seqs.push_back(static_cast<int>(msg::to_int(one->message.id.seq)));
      }
    }
    return seqs;
  }
  void later(int ms) {
    now_ += milliseconds{ms};
    model_.tick(now_);
  }

  ChatModel model_{kMe};
  ChatModel::Moment now_{};
};

using Seqs = std::vector<int>;

msg::Message changed(int seq, int version, std::string content) {
  auto made = message(seq, kPeer);
  made.changed = msg::Version{version};
  made.edited_at = time_of(*made.changed);
  made.content = std::move(content);
  return made;
}

TEST_F(ChatModelTest, AChangeIsShownIfItsMessageWasAndElseWhenItsTurnComes) {
  using Contents = std::vector<std::string>;
  const auto contents = [&] {
    Contents found;
    for (const auto& show : model_.take_shows()) {
      if (const auto* one = std::get_if<ShowMessage>(&show)) found.push_back(one->message.content);
      if (const auto* one = std::get_if<ShowChange>(&show)) {
        found.push_back("changed: " + one->message.content);
      }
    }
    return found;
  };
  model_.message(message(1, kPeer), now_);
  model_.changed(changed(1, 20, "first"));
  model_.message(changed(1, 21, "by sync"), now_);
  model_.message(message(1, kPeer), now_);
  EXPECT_EQ(contents(), (Contents{"text 1", "changed: first", "changed: by sync"}));
  model_.changed(changed(3, 22, "third"));
  EXPECT_EQ(contents(), Contents{}) << "it waits for the second";
  model_.newer({message(2, kPeer), message(3, kPeer)}, false, now_);
  EXPECT_EQ(contents(), (Contents{"text 2", "third"})) << "an older answer changes nothing";
}

TEST_F(ChatModelTest, AReactionIsNoChangeOfTheContent) {
  model_.message(message(1, kPeer), now_);
  model_.take_shows();
  auto reacted = changed(1, 70'000, "text 1");
  reacted.edited_at = msg::Time{};
  model_.changed(reacted);
  EXPECT_TRUE(model_.take_shows().empty());
  reacted.deleted = true;
  model_.changed(reacted);
  EXPECT_EQ(model_.take_shows().size(), 1u);
}

TEST_F(ChatModelTest, ChangesOfWhatWasNotShownAreNobodysNews) {
  ChatModel model{kMe};
  model.opened({member(kMe, 0, 0, 1)}, {message(6, kPeer)}, msg::Seq{5}, now_);
  model.take_shows();
  model.changed(changed(5, 20, "before"));
  EXPECT_TRUE(model.take_shows().empty());
  model.changed(changed(6, 21, "after"));
  EXPECT_EQ(model.take_shows().size(), 1u);
}

TEST_F(ChatModelTest, ShowsInOrderOnceWhateverTheOrderOfArrival) {
  for (const int seq : {3, 1, 1, 2, 3, 4}) model_.message(message(seq, kPeer), now_);
  EXPECT_EQ(shown(), (Seqs{1, 2, 3, 4}));
}

TEST_F(ChatModelTest, AsksForAHoleAndShowsNothingBehindItBefore) {
  model_.message(message(3, kPeer), now_);
  EXPECT_TRUE(shown().empty());
  const auto fetches = asks<AskNewer>();
  ASSERT_EQ(fetches.size(), 1U);
  EXPECT_EQ(fetches[0].after, msg::Seq{0});
  model_.newer({message(1, kPeer), message(2, kPeer)}, true, now_);
  EXPECT_EQ(shown(), (Seqs{1, 2, 3}));
}

/// Numbers that are not ours to read, of the time between leaving a group and coming back.
TEST_F(ChatModelTest, AHoleThatStaysAfterACompleteAnswerIsPassed) {
  model_.message(message(9, kPeer), now_);
  model_.newer({message(1, kPeer), message(9, kPeer)}, false, now_);
  EXPECT_EQ(shown(), (Seqs{1, 9}));
}

TEST_F(ChatModelTest, WhatWasTypedGoesOutInOrderOneAtATime) {
  ASSERT_TRUE(model_.type("a", "first", now_));
  ASSERT_TRUE(model_.type("b", "second", now_));
  auto sends = asks<AskSend>();
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(sends[0].content, "first");
  EXPECT_FALSE(model_.idle());
  model_.sent(message(1, kMe, "a"), now_);
  sends = asks<AskSend>();
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(sends[0].content, "second");
}

TEST_F(ChatModelTest, AnUnansweredSendIsRepeatedUnderItsKeyAfterReconnecting) {
  ASSERT_TRUE(model_.type("a", "first", now_));
  EXPECT_EQ(asks<AskSend>().size(), 1U);
  model_.offline(now_);
  ASSERT_TRUE(model_.type("b", "second", now_));
  EXPECT_TRUE(asks<AskSend>().empty());
  model_.online(now_);
  const auto sends = asks<AskSend>();
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(sends[0].client_id, "a");
}

/// It was stored, its answer got lost, and the event of it comes with the resumption.
TEST_F(ChatModelTest, AnEventSettlesASendAsItsAnswerWould) {
  ASSERT_TRUE(model_.type("a", "first", now_));
  model_.take_asks();
  model_.offline(now_);
  model_.message(message(1, kMe, "a"), now_);
  model_.online(now_);
  EXPECT_TRUE(asks<AskSend>().empty());
  EXPECT_EQ(shown(), (Seqs{1}));
  EXPECT_TRUE(model_.idle());
}

TEST_F(ChatModelTest, ARefusedSendIsShownAndTheNextOneGoes) {
  ASSERT_TRUE(model_.type("a", "first", now_));
  ASSERT_TRUE(model_.type("b", "second", now_));
  model_.take_asks();
  model_.send_refused("a", {.code = "forbidden", .detail = "No.", .retry_after = {}}, now_);
  const auto shows = model_.take_shows();
  ASSERT_EQ(shows.size(), 1U);
  EXPECT_EQ(std::get<ShowRefused>(shows[0]).entry.content, "first");
  EXPECT_EQ(asks<AskSend>().size(), 1U);
}

TEST_F(ChatModelTest, WhoIsToComeBackLaterAsksAgainAfterTheTimeThatWasNamed) {
  ASSERT_TRUE(model_.type("a", "first", now_));
  for (const char* code : {"overloaded", "rate_limited", "unavailable"}) {
    model_.take_asks();
    model_.send_refused("a", {.code = code, .detail = {}, .retry_after = milliseconds{500}}, now_);
    later(499);
    EXPECT_TRUE(asks<AskSend>().empty()) << code;
    ASSERT_TRUE(model_.next_tick()) << code;
    later(1);
    const auto sends = asks<AskSend>();
    ASSERT_EQ(sends.size(), 1U) << code;
    EXPECT_EQ(sends[0].client_id, "a");
  }
}

TEST_F(ChatModelTest, TheOutboxIsBounded) {
  for (std::size_t i = 0; i < Outbox::kEntriesMax; ++i) {
    ASSERT_TRUE(model_.type(std::to_string(i), "x", now_));
  }
  EXPECT_FALSE(model_.has_room());
  EXPECT_FALSE(model_.type("more", "x", now_));
}

TEST_F(ChatModelTest, SaysReadForWhatWasSeenAndCoalesces) {
  model_.message(message(1, kPeer), now_);
  auto marks = asks<AskMark>();
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].state, msg::MessageState::delivered);
  model_.message(message(2, kPeer), now_);
  model_.message(message(3, kPeer), now_);
  model_.seen(msg::Seq{3}, now_);
  EXPECT_TRUE(asks<AskMark>().empty()) << "one at a time";
  model_.marked(member(kMe, 1, 0, 2), now_);
  marks = asks<AskMark>();
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].state, msg::MessageState::read);
  EXPECT_EQ(marks[0].up_to, msg::Seq{3});
}

TEST_F(ChatModelTest, NeverAsksFasterThanTheServerAllows) {
  std::size_t sends = 0;
  for (int i = 0; i < 1000; ++i) {  // one second, each send answered at once
    std::ignore = model_.type(std::to_string(i), "x", now_);
    for (const auto& ask : asks<AskSend>()) {
      ++sends;
      model_.sent(message(static_cast<int>(sends), kMe, ask.client_id), now_);
    }
    later(1);
  }
  EXPECT_LT(sends, 100U);
  EXPECT_GT(sends, 40U);
}

TEST_F(ChatModelTest, TypingExpires) {
  model_.typing(kPeer, milliseconds{6000}, now_);
  auto shows = model_.take_shows();
  ASSERT_EQ(shows.size(), 1U);
  EXPECT_EQ(std::get<ShowTyping>(shows[0]).users, (std::vector{kPeer}));
  later(5999);
  EXPECT_TRUE(model_.take_shows().empty());
  later(1);
  shows = model_.take_shows();
  ASSERT_EQ(shows.size(), 1U);
  EXPECT_TRUE(std::get<ShowTyping>(shows[0]).users.empty());
}

TEST_F(ChatModelTest, TellsProgressOfOwnMessagesOnce) {
  model_.message(message(1, kMe, "a"), now_);
  model_.message(message(2, kMe, "b"), now_);
  model_.take_shows();
  model_.member(member(kPeer, 2, 1, 2), now_);
  const auto shows = model_.take_shows();
  ASSERT_EQ(shows.size(), 2U);
  EXPECT_EQ(std::get<ShowProgress>(shows[0]).state, msg::MessageState::read);
  EXPECT_EQ(std::get<ShowProgress>(shows[0]).message.seq, msg::Seq{1});
  EXPECT_EQ(std::get<ShowProgress>(shows[1]).state, msg::MessageState::delivered);
  EXPECT_EQ(std::get<ShowProgress>(shows[1]).message.seq, msg::Seq{2});
  model_.member(member(kPeer, 2, 1, 3), now_);
  EXPECT_TRUE(model_.take_shows().empty());
}

TEST_F(ChatModelTest, AnOldMemberRecordDoesNotWinOverANewOne) {
  model_.message(message(1, kMe, "a"), now_);
  model_.member(member(kPeer, 1, 1, 5), now_);
  model_.take_shows();
  model_.member(member(kPeer, 0, 0, 4), now_);
  EXPECT_EQ(model_.members().at(kPeer).read, msg::Seq{1});
}

/// In an empty group the first words have no reader, which must not hold up later ticks.
TEST(Progress, PassesOverMessagesThatNobodyCanRead) {
  Progress progress;
  Progress::Members members{{kMe, member(kMe, 0, 0, 1)}};
  progress.add({.seq = msg::Seq{1}, .created_at = {}, .client_id = {}});
  EXPECT_FALSE(progress.advance(msg::MessageState::read, kMe, members));
  auto late = member(kPeer, 2, 2, 2);
  late.visible_from = msg::Seq{2};
  members[kPeer] = late;
  progress.add({.seq = msg::Seq{2}, .created_at = {}, .client_id = {}});
  const auto news = progress.advance(msg::MessageState::read, kMe, members);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->seq, msg::Seq{2});
  EXPECT_EQ(progress.state_of_newest(), msg::MessageState::read);
}

TEST(Progress, AGroupsMessageIsReadOnceEverybodyHas) {
  Progress progress;
  Progress::Members members{{kMe, member(kMe, 0, 0, 1)},
                            {kPeer, member(kPeer, 1, 1, 1)},
                            {msg::UserId{3}, member(msg::UserId{3}, 1, 0, 1)}};
  progress.add({.seq = msg::Seq{1}, .created_at = {}, .client_id = {}});
  EXPECT_FALSE(progress.advance(msg::MessageState::read, kMe, members));
  EXPECT_TRUE(progress.advance(msg::MessageState::delivered, kMe, members));
  members[msg::UserId{3}].active = false;
  EXPECT_TRUE(progress.advance(msg::MessageState::read, kMe, members));
}

TEST(TickMarks, CountRowsFromTheNextOneAndForgetWhatScrolledAway) {
  TickMarks marks;
  marks.add(msg::Seq{1}, msg::MessageState::sent);
  marks.printed(3);  // a long message
  marks.add(msg::Seq{2}, msg::MessageState::sent);
  marks.printed(1);
  auto changes = marks.advance(msg::Seq{2}, msg::MessageState::delivered, 10);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].rows_up, 4);
  EXPECT_EQ(changes[1].rows_up, 1);
  EXPECT_TRUE(marks.advance(msg::Seq{2}, msg::MessageState::delivered, 10).empty());
  changes = marks.advance(msg::Seq{2}, msg::MessageState::read, 2);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].rows_up, 1);
}

}  // namespace
}  // namespace msgctl
