// SPDX-License-Identifier: Apache-2.0
#include "commit/gathering.h"

#include <gtest/gtest.h>

namespace msg {
namespace {

using std::chrono::milliseconds;

TEST(Gathering, ALoneCallerNeverWaits) {
  Gathering gathering;
  EXPECT_EQ(gathering.wanted(), 1u);
  gathering.committed(1, 0, milliseconds(4));
  EXPECT_EQ(gathering.wanted(), 1u);
}

TEST(Gathering, WaitsForWhoWasJustAnsweredAndWhoCameMeanwhile) {
  Gathering gathering;
  gathering.committed(30, 34, milliseconds(4));
  EXPECT_EQ(gathering.wanted(), 64u);
  EXPECT_EQ(gathering.patience(), milliseconds(1));
  gathering.committed(64, 0, milliseconds(400));
  EXPECT_EQ(gathering.patience(), milliseconds(2)) << "bounded";
}

TEST(Gathering, DoesNotWaitForLessTimeThanWakingUpTakes) {
  Gathering gathering;
  gathering.committed(30, 34, std::chrono::microseconds(40));
  EXPECT_EQ(gathering.wanted(), 1u);
}

TEST(Gathering, GivesUpWhatIsInVainAndTriesAgainNowAndThen) {
  Gathering gathering;
  for (int i = 0; i < 4; ++i) {
    gathering.committed(5, 5, milliseconds(4));
    EXPECT_EQ(gathering.wanted(), 10u);
    gathering.waited(true);
  }
  int tries = 0;
  for (int i = 0; i < 640; ++i) {
    gathering.committed(5, 5, milliseconds(4));
    if (gathering.wanted() == 1) continue;
    ++tries;
    gathering.waited(true);
  }
  EXPECT_EQ(tries, 10);
  gathering.waited(false);
  EXPECT_EQ(gathering.wanted(), 10u) << "the crowd is back";
}

}  // namespace
}  // namespace msg
