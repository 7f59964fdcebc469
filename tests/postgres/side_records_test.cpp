// SPDX-License-Identifier: Apache-2.0
// Several processes read, change and write the same side records.
#include <atomic>
#include <thread>

#include "postgres/fixture.h"
#include "store/store.h"

namespace msg::test {
namespace {

class PostgresSideRecords : public Postgres {
 protected:
  std::unique_ptr<Store> open(int node) {
    Options options;
    options.node = node;
    return must(open_store(url_, options));
  }
};

SideRecord counter(std::int64_t owner, std::int64_t count) {
  return {.kind = SideKind::sign_in, .owner = owner, .key = "n", .value = std::to_string(count)};
}

/// Adds one to both records, which may not be there yet. False when another writer was in the way.
bool add_one(Store& store, bool touches_ahead, bool backwards) {
  auto transaction = must(store.begin());
  const SideOwner first{.kind = SideKind::sign_in, .owner = 1};
  const SideOwner second{.kind = SideKind::sign_in, .owner = 2};
  std::array owners{first, second};
  if (backwards) std::ranges::reverse(owners);
  std::array<Touch, 2> touches{};
  for (std::size_t i = 0; i < 2; ++i) touches.at(i).side = owners.at(i);
  const std::array<const Touch*, 2> wanted{&touches[0], &touches[1]};
  const auto newest = touches_ahead ? transaction->prepare(wanted) : transaction->prepare({});
  if (!newest) return false;
  for (const SideOwner& owner : owners) {
    if (!touches_ahead && !transaction->lock_side_records(owner)) return false;
    const auto found = transaction->find_side_record(owner.kind, owner.owner, "n");
    if (!found) return false;
    const std::int64_t count = *found ? std::stoll((*found)->value) : 0;
    must(transaction->put_side_record(counter(owner.owner, count + 1)));
  }
  return transaction->commit(Version{to_int(*newest) + 1}).has_value();
}

TEST_F(PostgresSideRecords, NoChangeOverwritesAnother) {
  constexpr int kTimes = 200;
  for (const bool touches_ahead : {true, false}) {
    std::atomic<int> done{0};
    std::atomic<int> failed{0};
    std::vector<std::jthread> processes;
    for (int node = 1; node <= 3; ++node) {
      processes.emplace_back([&, node] {
        const auto store = open(node);
        // Locks taken one by one, in different orders, would wait for each other for a second.
        const bool backwards = touches_ahead && node == 2;
        for (int i = 0; i < kTimes; ++i) {
          ++(add_one(*store, touches_ahead, backwards) ? done : failed);
        }
      });
    }
    processes.clear();
    EXPECT_EQ(done, 3 * kTimes);
    EXPECT_EQ(failed, 0);
  }
  const auto store = open(1);
  const auto snapshot = must(store->snapshot());
  for (const std::int64_t owner : {1, 2}) {
    EXPECT_EQ(must(snapshot->find_side_record(SideKind::sign_in, owner, "n")),
              counter(owner, 2L * 3 * kTimes));
  }
}

TEST_F(PostgresSideRecords, SweepingLeavesWhatAnotherIsAtAndWaitsForNobody) {
  const auto a = open(1);
  const auto b = open(2);
  const auto at = [](std::int64_t ms) { return Time{std::chrono::milliseconds{ms}}; };
  SideRecord renewed = counter(1, 0);
  SideRecord dead = counter(2, 0);
  renewed.expires_at = dead.expires_at = at(10);
  {
    auto making = must(a->begin());
    must(making->put_side_record(renewed));
    must(making->put_side_record(dead));
    must(making->commit(Version{1}));
  }
  renewed.expires_at = at(1'000);
  auto renewing = must(a->begin());
  must(renewing->put_side_record(renewed));
  must(renewing->find_side_record(SideKind::sign_in, 1, "n"));  // takes the put along
  {
    auto sweeping = must(b->begin());
    EXPECT_EQ(must(sweeping->erase_expired(at(20), 10)), 1);
    must(sweeping->commit(Version{1}));
  }
  must(renewing->commit(Version{2}));
  const auto snapshot = must(a->snapshot());
  EXPECT_EQ(must(snapshot->find_side_record(SideKind::sign_in, 1, "n")), renewed);
  EXPECT_FALSE(must(snapshot->find_side_record(SideKind::sign_in, 2, "n")));
}

}  // namespace
}  // namespace msg::test
