// SPDX-License-Identifier: Apache-2.0
// The disk refuses a request, any one, once or from then on: what was acknowledged is there, what
// was not is an error to its caller, and after a failed sync nothing more is acknowledged until the
// store is opened again. Then, too, the power goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <utility>

#include "power/plays.h"

namespace msg::power {
namespace {

using Request = Step::Kind;

class Faults : public testing::TestWithParam<Kind> {
 protected:
  /// A life with a fault, the next without. False when there was no such request.
  bool live_with(const Disk::Fault& fault) {
    Ledger ledger;
    Disk disk;
    disk.fail(fault);
    std::vector<Position> cuts;
    {
      Clients clients(GetParam(), disk, ledger);
      play_short(clients);
      clients.close();
      EXPECT_TRUE(clients.complaints.empty()) << clients.complaints.front();
      if (!disk.failed_at()) return false;
      if (fault.kind == Request::sync && ends_writes(disk.failed_sync())) {
        expect_silence(ledger, clients, *disk.failed_at());
      }
      cuts.push_back(disk.position());
    }
    disk.fail(std::nullopt);
    {
      Clients clients(GetParam(), disk, ledger);
      clients.open();
      clients.poll(0);
      clients.poll(1);
      cuts.push_back(disk.position());
      clients.send_again();
      clients.send(1, 50);
      cuts.push_back(disk.position());
      clients.close();
      cuts.push_back(disk.position());
      expect_none(clients);
    }
    Platter platter(appended_in_order(GetParam()));
    for (Position position = 1; position <= disk.steps().size(); ++position) {
      platter.take(disk.steps()[position - 1]);
      if (std::ranges::find(cuts, position) == cuts.end()) continue;
      for (const Cut how : {Cut::drop_all, Cut::random}) {
        sweep_.cut(platter, ledger, position, how);
      }
    }
    ++lives_;
    return true;
  }

  /// RocksDB's OPTIONS are for people. A table that a compaction could not sync is made anew from
  /// those that are there; when a flush made it, writes do end (unit/rocksdb_faults_test.cpp).
  static bool ends_writes(const std::string& name) {
    return !name.contains("OPTIONS-") && !name.ends_with(".sst");
  }

  /// Nothing that was asked for after a failed sync is acknowledged before the next opening. (What
  /// was on its way is settled by the cuts.)
  static void expect_silence(const Ledger& ledger, const Clients& clients, Position failed) {
    for (const auto& send : ledger.sends) {
      if (!send.told || send.started <= failed) continue;
      const auto opened = std::ranges::any_of(
          clients.openings, [&](Position began) { return began > failed && began <= *send.told; });
      EXPECT_TRUE(opened) << "acknowledged after a sync that failed: seq " << send.seq;
    }
  }

  void at_every_request(Request request, int error) {
    for (const bool lasting : {false, true}) {
      for (int nth = 1; !sweep_.found_enough() && !HasFailure(); ++nth) {
        SCOPED_TRACE("at request " + std::to_string(nth) + (lasting ? " and on" : ""));
        const Disk::Fault fault{.kind = request, .nth = nth, .error = error, .lasting = lasting};
        if (!live_with(fault)) break;
      }
    }
    expect_none(sweep_);
    EXPECT_GT(lives_, 0);
    std::cout << lives_ << " lives, " << sweep_.images() << " different images\n";
  }

  Sweep sweep_{GetParam(), 1};
  int lives_{0};
};

TEST_P(Faults, EveryWriteMayMeetADamagedDisk) {
  at_every_request(Request::write, EIO);
}
TEST_P(Faults, EveryWriteMayMeetAFullDisk) {
  at_every_request(Request::write, ENOSPC);
}
TEST_P(Faults, EverySyncMayFail) {
  at_every_request(Request::sync, EIO);
}
TEST_P(Faults, EverySyncOfADirectoryMayFail) {
  at_every_request(Request::sync_directory, EIO);
}
TEST_P(Faults, EveryFileMayBeRefused) {
  at_every_request(Request::create, ENOSPC);
}
TEST_P(Faults, EveryRenameMayBeRefused) {
  at_every_request(Request::rename, EIO);
}

INSTANTIATE_TEST_SUITE_P(Store, Faults, testing::Values(Kind::sqlite, Kind::rocksdb),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace msg::power
