// SPDX-License-Identifier: Apache-2.0
// What every cache does: it answers soon, and may forget. Against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>

#include "msg/cache.h"
#include "support/redis_server.h"

namespace msg::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

bool await(const std::function<bool()>& is_so) {
  const auto deadline = Clock::now() + seconds(20);
  while (!is_so()) {
    if (Clock::now() > deadline) return false;
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

class CacheContract : public testing::TestWithParam<const char*> {
 protected:
  CacheContract() {
    if (GetParam() == std::string_view("redis")) server_ = std::make_unique<RedisServer>();
    options_.deadline = seconds(2);  // this machine may have other things to do
    options_.timeout = milliseconds(100);
    options_.value_bytes_max = 100'000;
    options_.clock = [this] { return Clock::time_point{} + milliseconds{now_}; };
  }

  std::shared_ptr<Cache> open() {
    const auto name = "memory:" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
    auto cache = open_cache(server_ ? server_->url() : name, options_);
    if (!cache) throw std::runtime_error(cache.error().detail);
    return *std::move(cache);
  }
  static bool connects(Cache& cache) {
    return await([&] { return cache.state().connected; });
  }
  static bool has(Cache& cache, const std::string& key, const std::string& value) {
    return await([&] { return cache.find(key) == value; });
  }

  std::unique_ptr<RedisServer> server_;
  std::atomic<int> now_{0};
  CacheOptions options_;
};

TEST_P(CacheContract, GivesAllBackAnyBytesThatOnePut) {
  const auto a = open();
  const auto b = open();
  ASSERT_TRUE(connects(*a) && connects(*b));
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const std::string key = bytes.substr(0, kCacheKeyMax);
  EXPECT_FALSE(a->find(key));
  a->put(key, bytes);
  EXPECT_TRUE(has(*b, key, bytes));
  b->put(key, "later");
  EXPECT_TRUE(has(*a, key, "later"));
  EXPECT_FALSE(a->find("another"));
  EXPECT_GT(b->state().found, 0U);
  EXPECT_GT(a->state().stored, 0U);
  EXPECT_EQ(a->state().failed, 0U);
}

TEST_P(CacheContract, TakesNothingOutOfBounds) {
  const auto cache = open();
  ASSERT_TRUE(connects(*cache));
  const std::string largest(options_.value_bytes_max, 'x');
  cache->put("", "no key");
  cache->put(std::string(kCacheKeyMax + 1, 'k'), "long key");
  cache->put("empty", "");
  cache->put("large", largest + 'x');
  EXPECT_EQ(cache->state().dropped, 4U);
  cache->put("largest", largest);
  EXPECT_TRUE(has(*cache, "largest", largest));
  EXPECT_FALSE(cache->find("large"));
}

TEST_P(CacheContract, ForgetsInTime) {
  options_.ttl = milliseconds(50);
  const auto cache = open();
  ASSERT_TRUE(connects(*cache));
  cache->put("k", "v");
  ASSERT_TRUE(await([&] { return cache->state().stored == 1; }));
  now_ = 49;
  if (!server_) {
    EXPECT_EQ(cache->find("k"), "v");
  }
  now_ = 50;
  EXPECT_TRUE(await([&] { return !cache->find("k"); }));
}

TEST_P(CacheContract, ServesManyAtOnce) {
  options_.links = 2;
  const auto cache = open();
  ASSERT_TRUE(connects(*cache));
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const auto key = "k" + std::to_string(t % 4);
        for (int i = 0; i < 200; ++i) {
          cache->put(key, key + " is mine");
          const auto found = cache->find(key);
          if (found && *found != key + " is mine") ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(cache->state().failed, 0U);
}

INSTANTIATE_TEST_SUITE_P(Caches, CacheContract, testing::Values("memory", "redis"),
                         [](const auto& test) { return std::string(test.param); });

TEST(MemoryCache, MakesRoomForWhatIsUsed) {
  CacheOptions options;
  options.bytes_max = 10'000;
  const auto cache = *open_cache("memory:room", options);
  cache->put("used", std::string(1000, 'x'));
  for (int i = 0; i < 100; ++i) {
    cache->put(std::to_string(i), std::string(1000, 'x'));
    ASSERT_TRUE(cache->find("used")) << i;
  }
  EXPECT_FALSE(cache->find("0"));
  EXPECT_TRUE(cache->find("99"));
}

/// What only a cache on a server of its own can go through.
class RedisCache : public testing::Test {
 protected:
  RedisCache() {
    options_.deadline = seconds(1);
    options_.timeout = milliseconds(100);
    cache_ = *open_cache(server_.url(), options_);
  }
  bool connects() {
    return await([&] { return cache_->state().connected; });
  }
  bool comes_back() {
    return await([&] {
      cache_->put("back", "again");
      return cache_->find("back") == "again";
    });
  }

  RedisServer server_;
  CacheOptions options_;
  std::shared_ptr<Cache> cache_;
};

TEST_F(RedisCache, OutlivesItsServer) {
  ASSERT_TRUE(comes_back());
  server_.process().stop();
  EXPECT_FALSE(cache_->find("back"));
  cache_->put("k", "lost, or late");
  const auto without = *open_cache(server_.url(), options_);
  EXPECT_FALSE(without->find("back"));
  EXPECT_FALSE(without->state().connected);
  server_.process().start();
  EXPECT_TRUE(comes_back());
}

/// One waits in vain, not each, and not once for each link.
TEST_F(RedisCache, AStallCostsOneDeadline) {
  options_.links = 16;
  options_.deadline = milliseconds(300);
  options_.timeout = seconds(10);
  cache_ = *open_cache(server_.url(), options_);
  ASSERT_TRUE(comes_back());
  server_.process().freeze();
  const auto begun = Clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(cache_->find("back"));
  EXPECT_LT(Clock::now() - begun, 5 * options_.deadline);
  EXPECT_GE(cache_->state().failed, 1000U);
  for (int i = 0; i < 1000; ++i) cache_->put("k", std::string(100'000, 'x'));
  EXPECT_GT(cache_->state().dropped, 0U);
  server_.process().thaw();
  EXPECT_TRUE(comes_back());
}

TEST_F(RedisCache, IsNotTroubledByWhatOthersPutThere) {
  ASSERT_TRUE(connects());
  server_.command({"LPUSH", "msg:c:list", "no", "string"});
  server_.command({"SETRANGE", "msg:c:giant", "3000000", "x"});
  EXPECT_FALSE(cache_->find("list"));
  EXPECT_FALSE(cache_->find("giant"));
  EXPECT_TRUE(cache_->state().connected);
  server_.command({"FLUSHALL"});
  EXPECT_FALSE(cache_->find("list"));
  EXPECT_TRUE(comes_back());
  EXPECT_EQ(cache_->state().failed, 0U);
}

TEST_F(RedisCache, TellsWhyItIsNotConnected) {
  std::atomic<bool> told{false};
  options_.log = [&](std::string_view line) { told = told || line.contains("password"); };
  auto url = server_.url();
  server_.command({"PING"});
  const auto cache = *open_cache(url.replace(url.find("p%40ss"), 6, "wrong"), options_);
  EXPECT_TRUE(await([&] { return told.load(); }));
  EXPECT_FALSE(cache->find("k"));
}

TEST(CacheUrl, SaysWhatIsWrong) {
  for (const char* const url :
       {"", "redis", "redis://", "redis://:1", "redis://host:0", "redis://host:x", "redis://host/",
        "rediss://host", "nats://host", "http://host"}) {
    const auto cache = open_cache(url);
    ASSERT_FALSE(cache) << url;
    EXPECT_EQ(cache.error().code, Code::invalid_argument) << url;
    EXPECT_EQ(cache.error().field, "cache") << url;
  }
  const auto wrong = open_cache("redis://user:secret@host:x");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().detail.find("secret"), std::string::npos);
  CacheOptions options;
  options.links = 0;
  EXPECT_FALSE(open_cache("memory:", options));
}

}  // namespace
}  // namespace msg::test
