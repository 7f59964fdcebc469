// SPDX-License-Identifier: Apache-2.0
// The power goes at any moment: what was acknowledged, or seen by a reader, is there when the store
// is opened again, and nothing is half done.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "power/clients.h"
#include "power/sweep.h"

namespace msg::power {
namespace {

class Power : public testing::TestWithParam<Kind> {};

/// Everything a store does, on a new disk: begin, write, write back, close, open again.
void play_short(Clients& clients) {
  if (!clients.open()) return;
  clients.poll_during_commits();
  clients.send(0);
  clients.send(0, 100);
  clients.mark(1, false);
  clients.send(1, 6'000);
  clients.mark(0, true);
  clients.login(0);
  clients.write_back();
  clients.send(1, 10, 3);
  clients.poll(0);
  clients.write_back();
  clients.mark(1, true);
  clients.close();
  if (!clients.open()) return;
  clients.poll_during_commits();
  clients.send(0, 20);
  clients.send_again();
  clients.mark(0, true);
}

void expect_none(const Sweep& sweep) {
  for (const auto& finding : sweep.findings()) ADD_FAILURE() << finding;
}

TEST_P(Power, CutAfterAnyStepOfAShortLifeLosesNothing) {
  Ledger ledger;
  Disk disk;
  {
    Clients clients(GetParam(), disk, ledger);
    play_short(clients);
    EXPECT_TRUE(clients.errors.empty()) << clients.errors.front();
    EXPECT_TRUE(clients.complaints.empty()) << clients.complaints.front();
  }
  Platter platter;
  Sweep sweep(GetParam(), 1);
  for (Position position = 0; position <= disk.steps().size(); ++position) {
    if (position > 0) platter.take(disk.steps()[position - 1]);
    sweep.cut_in_every_way(platter, ledger, position, 3);
    if (sweep.found_enough()) break;
  }
  expect_none(sweep);
  std::cout << disk.steps().size() << " steps, " << sweep.cuts() << " cuts, " << sweep.images()
            << " different images\n";
}

INSTANTIATE_TEST_SUITE_P(Store, Power, testing::Values(Kind::sqlite, Kind::rocksdb),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace msg::power
