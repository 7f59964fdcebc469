// SPDX-License-Identifier: Apache-2.0
// What is believed of that which stands on a bus.
#include "feed/sealed_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "unit/store_results.h"

namespace msg::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Words = std::vector<std::string>;

StoreIdentity store_with(unsigned char secret) {
  StoreIdentity identity{.epoch = 7};
  identity.cursor_secret.fill(secret);
  return identity;
}

/// What was heard so far.
class Ear {
 public:
  void take(std::string_view word) {
    const std::scoped_lock lock(mutex_);
    all_.emplace_back(word);
    news_.notify_all();
  }
  /// All of it, up to the word "end".
  Words words() {
    std::unique_lock lock(mutex_);
    const auto is_complete = [&] { return !all_.empty() && all_.back() == "end"; };
    EXPECT_TRUE(news_.wait_for(lock, 20s, is_complete));
    Words heard = std::exchange(all_, {});
    if (!heard.empty()) heard.pop_back();
    return heard;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  Words all_;
};

class SealedChannelTest : public testing::Test {
 protected:
  /// A process with its own end of the bus.
  struct Process {
    Process(SealedChannelTest& test, unsigned char secret, std::string name)
        : channel(
              test.bus(), store_with(secret), std::move(name),
              [this, &test] { return test.now_.load() + ahead.load(); },
              [this](std::string_view process, std::string_view payload) {
                said_by = process;
                ear.take(payload);
              }) {}
    Ear ear;
    std::string said_by;  ///< The last word; to be read after Ear::words().
    std::atomic<std::chrono::milliseconds> ahead{0ms};
    SealedChannel channel;
  };

  std::shared_ptr<Bus> bus() { return must(open_bus("memory:sealed_channel")); }
  /// What stands on the bus since the last time.
  Words raw() {
    spy_->publish("words", "end");
    return spy_ear_.words();
  }
  /// Whatever it is that `b_` still hears, it is before this.
  Words heard() {
    a_.channel.say("end");
    return b_.ear.words();
  }

  std::atomic<Time> now_{Time(1000h)};
  Process a_{*this, 1, "words"};
  Process b_{*this, 1, "words"};
  Ear spy_ear_;
  const std::shared_ptr<Bus> spy_ = bus();
};

TEST_F(SealedChannelTest, IsHeardByAllOthersInOrder) {
  Process c(*this, 1, "words");
  a_.channel.say("one");
  a_.channel.say("");
  a_.channel.say("two");
  EXPECT_THAT(heard(), ElementsAre("one", "", "two"));
  EXPECT_THAT(c.ear.words(), ElementsAre("one", "", "two"));
  EXPECT_EQ(b_.said_by, c.said_by);
  EXPECT_FALSE(b_.said_by.empty());
  b_.channel.say("end");
  EXPECT_THAT(a_.ear.words(), IsEmpty()) << "its own words";
}

TEST_F(SealedChannelTest, WhatManyThreadsSayIsAllHeard) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 100; ++j) a_.channel.say("word");
    });
  }
  threads.clear();
  EXPECT_EQ(heard().size(), 400u);
}

TEST_F(SealedChannelTest, WhoSaysMuchAtOnceIsNotAheadOfTheClock) {
  a_.ahead = 10min - 1s;
  constexpr std::size_t kWords = 10'000;
  for (std::size_t i = 0; i < kWords; ++i) a_.channel.say("word");
  EXPECT_EQ(heard().size(), kWords);
}

TEST_F(SealedChannelTest, BelievesNobodyElse) {
  spy_->listen("words", [this](std::string_view bytes) { spy_ear_.take(bytes); });
  a_.channel.say("one");
  const std::string said = raw().at(0);
  EXPECT_THAT(heard(), ElementsAre("one"));
  for (std::size_t i = 0; i < said.size(); ++i) {
    std::string forged = said;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    spy_->publish("words", forged);
    spy_->publish("words", said.substr(0, i));
  }
  Process stranger(*this, 2, "words");  // which is on another store
  stranger.channel.say("stranger");
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(SealedChannelTest, BelievesEachWordOnceAndUnderItsName) {
  Process other(*this, 1, "others");
  spy_->listen("words", [this](std::string_view bytes) { spy_ear_.take(bytes); });
  a_.channel.say("one");
  const std::string said = raw().at(0);
  EXPECT_THAT(heard(), ElementsAre("one"));
  spy_->publish("words", said);
  spy_->publish("others", said);
  EXPECT_THAT(heard(), IsEmpty()) << "played back";
  Process late(*this, 1, "words");
  spy_->publish("words", said);
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_THAT(late.ear.words(), ElementsAre("one")) << "it had heard nothing yet";
  now_ = now_.load() + 10min + 1ms;
  Process later(*this, 1, "words");
  spy_->publish("words", said);
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_THAT(later.ear.words(), IsEmpty()) << "too old for anybody";
  Process sayer(*this, 1, "others");
  sayer.channel.say("end");
  EXPECT_THAT(other.ear.words(), IsEmpty());
}

TEST_F(SealedChannelTest, ClocksMayGoBackAndBeApart) {
  a_.channel.say("one");
  a_.ahead = -5min;
  a_.channel.say("two");
  EXPECT_THAT(heard(), ElementsAre("one", "two")) << "its words are in order by its own count";
  Process hasty(*this, 1, "words");
  hasty.ahead = 10min + 1ms;
  hasty.channel.say("not yet");
  Process slow(*this, 1, "words");
  slow.ahead = -10min - 1ms;
  slow.channel.say("not any more");
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(SealedChannelTest, WithoutABusNothingIsSaid) {
  SealedChannel alone(
      nullptr, store_with(1), "words", [this] { return now_.load(); },
      [](std::string_view, std::string_view) { ADD_FAILURE(); });
  EXPECT_FALSE(alone.is_open());
  alone.say("anybody?");
  EXPECT_TRUE(a_.channel.is_open());
}

}  // namespace
}  // namespace msg::test
