// SPDX-License-Identifier: Apache-2.0
// The power goes at any moment: what was acknowledged, or seen by a reader, is there when the store
// is opened again, and nothing is half done.
#include <gtest/gtest.h>

#include <iostream>

#include "power/plays.h"
#include "power/sweep.h"

namespace msg::power {
namespace {

class Power : public testing::TestWithParam<Kind> {};

TEST_P(Power, CutAfterAnyStepOfAShortLifeLosesNothing) {
  Ledger ledger;
  Disk disk;
  {
    Clients clients(GetParam(), disk, ledger);
    play_short(clients);
    clients.close();
    expect_none(clients);
  }
  Platter platter(appended_in_order(GetParam()));
  Sweep sweep(GetParam(), 1);
  sweep.cut_in_every_way(platter, ledger, 0, 1);
  for (Position position = 1; position <= disk.steps().size(); ++position) {
    platter.take(disk.steps()[position - 1]);
    sweep.cut_in_every_way(platter, ledger, position, 10);
    if (sweep.found_enough()) break;
  }
  expect_none(sweep);
  std::cout << disk.steps().size() << " steps, " << sweep.cuts() << " cuts, " << sweep.images()
            << " different images\n";
}

/// A killed process leaves to the next what it wrote and did not sync, and the next one shows it to
/// its readers and acknowledges it to whoever sends again. So it must have it synced by then.
TEST_P(Power, CutAfterAKillLosesNothingThatWasSeenSince) {
  Ledger first_ledger;
  Disk first;
  {
    Clients clients(GetParam(), first, first_ledger);
    play_short(clients);
  }
  Sweep sweep(GetParam(), 1);
  Platter left(appended_in_order(GetParam()));
  for (Position killed = 0; killed < first.steps().size() && !sweep.found_enough(); ++killed) {
    if (killed > 0) left.take(first.steps()[killed - 1]);
    if (first.steps()[killed].kind != Step::Kind::sync) continue;
    SCOPED_TRACE("killed after step " + std::to_string(killed));
    Ledger ledger = first_ledger.carried_over(killed);
    Disk disk(left);
    Clients clients(GetParam(), disk, ledger);
    clients.open();
    clients.poll(0);
    clients.poll(1);
    clients.send_again();
    clients.send(0, 30);
    clients.close();
    expect_none(clients);
    Platter platter = left;
    for (Position position = 0; position <= disk.steps().size(); ++position) {
      if (position > 0) platter.take(disk.steps()[position - 1]);
      sweep.cut(platter, ledger, position, Cut::drop_all);
      sweep.cut(platter, ledger, position, Cut::random);
    }
  }
  expect_none(sweep);
  std::cout << sweep.cuts() << " cuts, " << sweep.images() << " different images\n";
}

INSTANTIATE_TEST_SUITE_P(Store, Power, testing::Values(Kind::sqlite, Kind::rocksdb),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace msg::power
