// SPDX-License-Identifier: Apache-2.0
#include "nodes/node_roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace msg {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class NodeRosterTest : public testing::Test {
 protected:
  static NodeStatus status(int node, std::string address = "") {
    NodeStatus one;
    one.node = node;
    one.version = "1.2.3";
    one.host = "machine";
    one.address = address.empty() ? "10.0.0." + std::to_string(node) + ":80" : std::move(address);
    one.started_at = Time(1h);
    one.interval = 5s;
    one.connections = 12;
    one.sends_per_second = 0.4;
    one.frames_per_second = 123456.7;
    one.bus_connected = true;
    return one;
  }
  void say(const std::string& process, NodeStatus one) {
    roster_.take(process, {.status = std::move(one)}, now_);
  }
  void leave(const std::string& process) {
    roster_.take(process, {.leaves = true, .status = {}}, now_);
  }
  std::vector<KnownNode> list() { return roster_.list(own_, now_); }
  /// "1" who speaks, "1 silent".
  std::vector<std::string> others() {
    std::vector<std::string> found;
    for (const KnownNode& one : list()) {
      if (one.is_self) continue;
      found.push_back(std::to_string(one.status.node) + (one.is_silent ? " silent" : ""));
    }
    return found;
  }

  NodeRoster roster_;
  NodeStatus own_ = status(7);
  Time now_{std::chrono::hours(1000)};
};

TEST_F(NodeRosterTest, KnowsItselfWithoutHearingAnybody) {
  EXPECT_THAT(list(), ElementsAre(KnownNode{.status = own_, .seen_at = now_, .is_self = true}));
}

TEST_F(NodeRosterTest, ListsWhoSpokeByNumber) {
  say("b", status(9));
  now_ += 1s;
  say("a", status(3));
  EXPECT_THAT(list(), ElementsAre(KnownNode{.status = status(3), .seen_at = now_},
                                  KnownNode{.status = own_, .seen_at = now_, .is_self = true},
                                  KnownNode{.status = status(9), .seen_at = now_ - 1s}));
}

TEST_F(NodeRosterTest, WhoMissesThreeTimesIsSilentAndInTheEndForgotten) {
  say("a", status(1));
  now_ += 15s - 1ms;
  EXPECT_THAT(others(), ElementsAre("1"));
  now_ += 1ms;
  EXPECT_THAT(others(), ElementsAre("1 silent"));
  now_ += kNodeForgottenAfter - 15s - 1ms;
  EXPECT_THAT(others(), ElementsAre("1 silent"));
  now_ += 1ms;
  EXPECT_THAT(others(), IsEmpty());
  say("b", status(2));
  EXPECT_EQ(roster_.size(), 1U);
}

TEST_F(NodeRosterTest, EachSaysItselfHowOftenItSpeaks) {
  auto rare = status(1);
  rare.interval = 60s;
  say("a", rare);
  now_ += 179s;
  EXPECT_THAT(others(), ElementsAre("1"));
  now_ += 1s;
  EXPECT_THAT(others(), ElementsAre("1 silent"));
}

TEST_F(NodeRosterTest, WhoLeavesIsGone) {
  say("a", status(1));
  say("b", status(2));
  leave("a");
  leave("nobody knows");
  EXPECT_THAT(others(), ElementsAre("2"));
}

TEST_F(NodeRosterTest, ARestartInTheSamePlaceReplacesTheSilent) {
  say("a", status(1, "10.0.0.1:80"));
  now_ += 20s;
  auto again = status(2, "10.0.0.1:80");
  again.started_at += 1s;
  say("b", again);
  say("c", status(3));
  EXPECT_THAT(others(), ElementsAre("2", "3"));
  now_ += 15s;
  EXPECT_THAT(others(), ElementsAre("2 silent", "3 silent")) << "once, if it is silent too";
  own_ = status(7, "10.0.0.1:80");
  own_.started_at += 2s;
  EXPECT_THAT(others(), ElementsAre("3 silent"));
}

TEST_F(NodeRosterTest, TwoWhoSpeakAreTwoWhateverTheySay) {
  say("a", status(1));
  auto later = status(1);
  later.started_at += 1s;
  say("b", later);
  EXPECT_THAT(others(), ElementsAre("1", "1"));
}

TEST_F(NodeRosterTest, HasABoundAndKeepsWhoSpeaks) {
  say("silent", status(1));
  now_ += 20s;
  for (std::size_t i = 0; i < 2 * kNodesMax; ++i) say("p" + std::to_string(i), status(2));
  EXPECT_EQ(list().size(), kNodesMax);
  EXPECT_THAT(others(), testing::Each("2"));
  say("late", status(3));
  EXPECT_THAT(others(), testing::Not(testing::Contains("3"))) << "everybody there speaks";
}

TEST_F(NodeRosterTest, AClockThatJumpsForgetsAndLearnsAnew) {
  say("a", status(1));
  now_ -= 1h;
  EXPECT_THAT(others(), IsEmpty());
  say("a", status(1));
  EXPECT_THAT(others(), ElementsAre("1"));
}

TEST(NodeReport, ComesBackAsItWas) {
  NodeReport said;
  said.status = {.node = 1023,
                 .version = "0.1.0",
                 .host = "Zürich",
                 .address = "[::1]:3000",
                 .started_at = Time(-1ms),
                 .interval = 200ms,
                 .connections = 4'000'000,
                 .sends_per_second = 0.1,
                 .frames_per_second = 1'000'000.5,
                 .store_ready = false,
                 .bus_connected = true,
                 .cache_connected = false};
  const auto bytes = encode(said);
  const auto heard = decode_report(bytes);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->status, said.status);
  EXPECT_TRUE(decode_report(bytes + "what a later version says"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_report(bytes.substr(0, size))) << size;
  }
}

TEST(NodeReport, TextsAreShortAndUtf8) {
  NodeReport said;
  said.status.host = "\xff";
  said.status.address = std::string(kNodeTextBytesMax + 1, 'a');
  said.status.version = std::string(kNodeTextBytesMax, 'a');
  const auto heard = decode_report(encode(said));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->status.host, "");
  EXPECT_EQ(heard->status.address, "");
  EXPECT_EQ(heard->status.version, said.status.version);
}

}  // namespace
}  // namespace msg
