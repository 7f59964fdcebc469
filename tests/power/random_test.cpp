// SPDX-License-Identifier: Apache-2.0
// Longer lives by chance: clients do this and that, processes are killed, and in the end the power
// goes. LIBMSG_POWER_ROUNDS is how many lives there are, LIBMSG_POWER_SEED the seed of the first.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "power/plays.h"

namespace msg::power {
namespace {

constexpr int kRounds = 6;
constexpr int kCuts = 40;

class RandomPower : public testing::TestWithParam<Kind> {};

int pick(std::mt19937& random, int from, int to) {
  return std::uniform_int_distribution(from, to)(random);
}

void act(Clients& clients, std::mt19937& random) {
  const int person = pick(random, 0, 1);
  switch (pick(random, 0, 11)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return clients.send(person, static_cast<std::size_t>(pick(random, 0, 300)));
    case 4:
      return clients.send(person, static_cast<std::size_t>(pick(random, 0, 40'000)));
    case 5:
    case 6:
      return clients.send(person, 20, static_cast<std::size_t>(pick(random, 2, 40)));
    case 7:
      return clients.mark(person, pick(random, 0, 1) == 1);
    case 8:
      return clients.poll(0);
    case 9:
      return clients.login(person);
    case 10:
      return pick(random, 0, 3) == 0 ? clients.send_again() : clients.poll(0);
    default:
      if (pick(random, 0, 1) == 0) return clients.write_back();
      clients.close();
      clients.open();
      return clients.poll_during_commits();
  }
}

/// Up to three processes, each but the last killed in what it did.
void live(Kind kind, unsigned seed) {
  SCOPED_TRACE("LIBMSG_POWER_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  Platter left(appended_in_order(kind));
  Ledger ledger;
  Sweep sweep(kind, seed);
  for (int process = pick(random, 1, 3); process > 0; --process) {
    Disk disk(left);
    Clients clients(kind, disk, ledger);
    clients.open();
    clients.poll_during_commits();
    for (int actions = pick(random, 5, 40); actions > 0; --actions) act(clients, random);
    const auto before_close = static_cast<int>(disk.position());
    clients.close();
    expect_none(clients);
    const auto all = static_cast<int>(disk.steps().size());
    const int steps = pick(random, 0, 1) == 0 ? before_close : all;
    Platter platter = left;
    if (process > 1) {
      const auto killed = static_cast<Position>(pick(random, 0, steps));
      for (Position position = 0; position < killed; ++position) {
        platter.take(disk.steps()[position]);
      }
      ledger = ledger.carried_over(killed);
      left = platter;
      continue;
    }
    for (int position = 0; position <= steps; ++position) {
      if (position > 0) platter.take(disk.steps()[static_cast<Position>(position) - 1]);
      if (pick(random, 0, std::max(1, steps / kCuts)) > 0) continue;
      sweep.cut_in_every_way(platter, ledger, static_cast<Position>(position), 4);
    }
  }
  expect_none(sweep);
}

TEST_P(RandomPower, CutInALifeByChanceLosesNothing) {
  const char* rounds = std::getenv("LIBMSG_POWER_ROUNDS");
  const char* first = std::getenv("LIBMSG_POWER_SEED");
  const unsigned seed =
      first ? static_cast<unsigned>(std::strtoul(first, nullptr, 10)) : std::random_device{}();
  const int count = rounds ? std::atoi(rounds) : kRounds;
  for (int round = 0; round < count && !HasFailure(); ++round) {
    live(GetParam(), seed + static_cast<unsigned>(round));
  }
  std::cout << count << " lives from seed " << seed << "\n";
}

INSTANTIATE_TEST_SUITE_P(Store, RandomPower, testing::Values(Kind::sqlite, Kind::rocksdb),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace msg::power
