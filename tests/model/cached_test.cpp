// SPDX-License-Identifier: Apache-2.0
// The same sequence of operations on the model and on a store with a cache that does what caches
// do, and worse: every answer must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <random>

#include "model/side_by_side.h"
#include "msg/cache.h"
#include "support/redis_server.h"

namespace msg::test {
namespace {

/// Gives back what was put, mostly. Else nothing, what was put elsewhere, or what nobody put.
class HostileCache final : public Cache {
 public:
  explicit HostileCache(std::uint64_t seed) : dice_(seed) {}

  std::optional<std::string> find(std::string_view key) override {
    const std::scoped_lock lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) return std::nullopt;
    std::string value = entry->second;
    const auto place = dice_() % value.size();
    switch (dice_() % 12) {
      case 0:
        return std::nullopt;
      case 1:
        return std::next(entries_.begin(), static_cast<long>(dice_() % entries_.size()))->second;
      case 2:
        value[place] = static_cast<char>(value[place] ^ (1 << dice_() % 8));
        return value;
      case 3:
        return value.substr(0, place);
      case 4:
        return value + "more";
      default:
        return value;
    }
  }
  void put(std::string_view key, std::string value) override {
    const std::scoped_lock lock(mutex_);
    entries_.insert_or_assign(std::string(key), std::move(value));
  }
  CacheState state() const override { return {}; }

 private:
  std::mutex mutex_;
  std::mt19937_64 dice_;
  std::map<std::string, std::string, std::less<>> entries_;
};

/// Of the first sequence: the others are for what stores do.
class CachedModel : public testing::TestWithParam<Backend> {
 protected:
  Sequence sequence() { return sequences(GetParam(), kFixedSteps).front(); }
};

TEST_P(CachedModel, AHostileCacheChangesNoAnswer) {
  const auto cache = std::make_shared<HostileCache>(sequence().seed);
  SideBySide both(GetParam(), sequence(), cache);
  while (both.steps() < sequence().steps) ASSERT_TRUE(both.step());
  ASSERT_TRUE(both.compare_all_screens());
  EXPECT_GT(cache->use().hits, 20U);
  EXPECT_GT(cache->use().refused, 5U);
}

/// Emptied, stalled, gone, and back with what it had saved long ago.
TEST_P(CachedModel, NorDoesARedisInTrouble) {
  RedisServer redis;
  CacheOptions options;
  options.deadline = std::chrono::milliseconds(50);
  options.timeout = std::chrono::milliseconds(50);
  const std::shared_ptr<Cache> cache = *open_cache(redis.url(), options);
  redis.command({"PING"});
  SideBySide both(GetParam(), sequence(), cache);
  const int steps = sequence().steps;
  const int round = std::max(steps / 8, 1);
  while (both.steps() < steps) {
    if (both.steps() % round == round - 1) {
      switch (both.steps() / round % 5) {
        case 0:
          redis.command({"SAVE"});
          break;
        case 1:
          redis.command({"FLUSHALL"});
          break;
        case 2:
          redis.process().freeze();
          break;
        case 3:
          redis.process().thaw();
          redis.process().stop();
          break;
        default:
          redis.process().start();
          redis.command({"PING"});
      }
    }
    ASSERT_TRUE(both.step());
  }
  redis.process().thaw();
  ASSERT_TRUE(both.compare_all_screens());
  EXPECT_GT(cache->use().hits, 0U);
}

INSTANTIATE_TEST_SUITE_P(Store, CachedModel, testing::ValuesIn(shared_backends()), print_backend);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CachedModel);

}  // namespace
}  // namespace msg::test
