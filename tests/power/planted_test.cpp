// SPDX-License-Identifier: Apache-2.0
// Proof that these tests can fail: with each mistake planted, they find it, and say so in the words
// expected here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "power/plays.h"

namespace msg::power {
namespace {

class PlantedMistakes : public testing::TestWithParam<Kind> {
 protected:
  ~PlantedMistakes() override { plant(Planted::nothing); }

  /// What a short life with it comes to, when the power is cut after each of its steps.
  std::string report_of(Planted mistake) {
    plant(mistake);
    Ledger ledger;
    Disk disk;
    if (mistake == Planted::commit_before_sync) {
      disk.forget_syncs_of(GetParam() == Kind::sqlite ? "-wal" : ".log");
    }
    std::string report;
    {
      Clients clients(GetParam(), disk, ledger);
      play_short(clients);
      clients.close();
      for (const auto& complaint : clients.complaints) report += complaint + "\n";
    }
    Platter platter(appended_in_order(GetParam()));
    Sweep sweep(GetParam(), 1);
    sweep.keep_no_images();
    for (const Step& step : disk.steps()) {
      platter.take(step);
      const auto position = static_cast<Position>(&step - disk.steps().data()) + 1;
      if (position < ledger.sends.at(1).told) continue;  // of messages there is more to say
      sweep.cut(platter, ledger, position, Cut::drop_all);
      if (sweep.found_enough()) break;
    }
    for (const auto& finding : sweep.findings()) report += finding + "\n";
    std::cout << report.substr(0, 500) << "\n";
    return report;
  }
};

TEST_P(PlantedMistakes, ACommitAcknowledgedBeforeItsSyncIsFound) {
  EXPECT_THAT(report_of(Planted::commit_before_sync), testing::HasSubstr("acknowledged and lost"));
}

TEST_P(PlantedMistakes, AKeyThatIsLookedUpInACacheOnlyIsFound) {
  const auto report = report_of(Planted::keys_in_memory);
  EXPECT_THAT(report, testing::HasSubstr("sent again under its key"));
  EXPECT_THAT(report, testing::ContainsRegex("[0-9]+ keys have made [0-9]+ messages"));
}

TEST_P(PlantedMistakes, ACursorFromASequenceIsFound) {
  EXPECT_THAT(report_of(Planted::cursor_from_sequence),
              testing::ContainsRegex("a cursor behind seq [0-9]+ (leads to|goes on at) "));
}

TEST_P(PlantedMistakes, WithoutOneNothingIsFound) {
  EXPECT_EQ(report_of(Planted::nothing), "");
}

INSTANTIATE_TEST_SUITE_P(Store, PlantedMistakes, testing::Values(Kind::sqlite, Kind::rocksdb),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace msg::power
