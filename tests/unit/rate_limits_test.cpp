// SPDX-License-Identifier: Apache-2.0
#include "ops/rate_limits.h"

#include <gmock/gmock.h>

namespace msgd {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// Limits under a clock that stands until it is told.
struct Fixture {
  explicit Fixture(RateOptions options = {}) : limits(options, [this] { return now; }) {}

  int allowed(RateClass what, const RateCaller& caller, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += limits.judge(what, caller).verdict.allowed ? 1 : 0;
    return count;
  }

  RateTable::Time now{seconds{100}};
  RateLimits limits;
};

RateCaller user(std::int64_t id) {
  return {.user = msg::UserId{id}, .address = *parse_ip_address("192.0.2.1")};
}
RateCaller from(const char* address) {
  return {.address = *parse_ip_address(address)};
}

TEST(RateLimits, HaveTheDefaultsThatAreWrittenDown) {
  Fixture f;
  EXPECT_EQ(f.allowed(RateClass::sends, user(1), 100), 60);
  EXPECT_EQ(f.allowed(RateClass::groups, user(1), 100), 10);
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("192.0.2.1"), 100), 5);
  f.now += seconds{10};
  EXPECT_EQ(f.allowed(RateClass::sends, user(1), 100), 10);
  EXPECT_EQ(f.allowed(RateClass::groups, user(1), 100), 1);
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("192.0.2.1"), 100), 0);
  f.now += seconds{324};
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("192.0.2.1"), 100), 1);
}

TEST(RateLimits, ClassesAndUsersAreApart) {
  Fixture f;
  EXPECT_EQ(f.allowed(RateClass::sends, user(1), 100), 60);
  EXPECT_EQ(f.allowed(RateClass::sends, user(2), 100), 60);
  EXPECT_EQ(f.allowed(RateClass::other, user(1), 100), 100);
  EXPECT_EQ(f.allowed(RateClass::none, user(1), 10'000), 10'000);
}

TEST(RateLimits, AKeyHasOneOfItsOwnWhoeverItActsAs) {
  Fixture f({.key = {.burst = 100, .per_second = 1}});
  RateCaller key = user(1);
  key.key = msg::ApiKeyId{9};
  EXPECT_EQ(f.allowed(RateClass::sends, key, 80), 80);
  key.user = msg::UserId{2};
  EXPECT_EQ(f.allowed(RateClass::other, key, 80), 20);
  EXPECT_EQ(f.allowed(RateClass::sends, user(1), 100), 60) << "the user's own is untouched";
}

TEST(RateLimits, AddressesCountByNetworkToo) {
  Fixture f;
  int v4 = 0;
  for (int i = 0; i < 256; ++i) {
    const std::string address = "198.51.100." + std::to_string(i);
    v4 += f.allowed(RateClass::sign_in, from(address.c_str()), 10);
  }
  EXPECT_EQ(v4, 40) << "a /24 has eight times as much as an address";
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("198.51.101.1"), 10), 5);
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("2001:db8::1"), 10), 5);
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("2001:db8::2"), 10), 0) << "the same /64";
  EXPECT_EQ(f.allowed(RateClass::sign_in, from("2001:db8:0:1::"), 10), 5) << "another";
}

TEST(RateLimits, NumbersCountByHowTheyBegin) {
  Fixture f({.prefix = {.burst = 3, .per_second = 1}});
  int allowed = 0;
  for (int i = 0; i < 10; ++i) {
    allowed += f.limits.judge_prefix("+1415555010" + std::to_string(i)).verdict.allowed ? 1 : 0;
  }
  EXPECT_EQ(allowed, 3);
  EXPECT_TRUE(f.limits.judge_prefix("+14165550101").verdict.allowed);
  EXPECT_TRUE(f.limits.judge_prefix("").verdict.allowed);
}

TEST(RateLimits, SayWhatTheDraftSays) {
  Fixture f;
  const auto first = f.limits.judge(RateClass::sends, user(1));
  EXPECT_EQ(rate_limit_policy(first), "\"sends\";q=60;w=60");
  EXPECT_EQ(rate_limit_state(first), "\"sends\";r=59;t=1");
  f.allowed(RateClass::sends, user(1), 59);
  const auto refused = f.limits.judge(RateClass::sends, user(1));
  EXPECT_EQ(rate_limit_state(refused), "\"sends\";r=0;t=1");
  EXPECT_EQ(rate_limit_policy(f.limits.judge(RateClass::sign_in, user(1))),
            "\"sign-in\";q=5;w=1667");
}

TEST(RateLimits, MetricsHaveAFixedNumberOfLines) {
  Fixture f;
  std::string before;
  f.limits.append_metrics(before);
  for (std::int64_t i = 0; i < 100; ++i) f.allowed(RateClass::groups, user(i), 11);
  std::string after;
  f.limits.append_metrics(after);
  EXPECT_EQ(std::ranges::count(before, '\n'), std::ranges::count(after, '\n'));
  EXPECT_THAT(after, HasSubstr("msgd_rate_limited_total{rule=\"groups\"} 100\n"));
}

TEST(RateLimits, CanBeOffAltogetherOrOneByOne) {
  Fixture off({.on = false});
  EXPECT_EQ(off.allowed(RateClass::sign_in, from("192.0.2.1"), 1000), 1000);
  Fixture one({.sends = {}});
  EXPECT_EQ(one.allowed(RateClass::sends, user(1), 1000), 1000);
  EXPECT_EQ(one.allowed(RateClass::groups, user(1), 1000), 10);
}

TEST(RateLimits, CountWithOthers) {
  Fixture here;
  Fixture there;
  EXPECT_EQ(here.allowed(RateClass::sends, user(1), 10), 10);
  EXPECT_TRUE(here.limits.take_spending().empty()) << "nobody has asked for it";
  here.limits.note_spending();
  EXPECT_EQ(here.allowed(RateClass::sends, user(1), 100), 50);
  EXPECT_EQ(here.allowed(RateClass::sends, user(2), 1), 1);
  EXPECT_EQ(here.allowed(RateClass::sign_in, from("192.0.2.1"), 100), 5);
  for (const auto& one : here.limits.take_spending()) there.limits.charge(one);
  EXPECT_TRUE(here.limits.take_spending().empty());
  EXPECT_EQ(there.allowed(RateClass::sends, user(1), 100), 10);
  EXPECT_EQ(there.allowed(RateClass::sends, user(2), 100), 59);
  EXPECT_EQ(there.allowed(RateClass::sends, user(3), 100), 60);
  EXPECT_EQ(there.allowed(RateClass::sign_in, from("192.0.2.1"), 100), 0);
}

TEST(RateLimits, NoteABoundedNumberForOthersAndBelieveNoRuleTheyDoNotHave) {
  Fixture f;
  f.limits.note_spending();
  for (std::int64_t i = 1; i <= 20'000; ++i) EXPECT_EQ(f.allowed(RateClass::sends, user(i), 1), 1);
  EXPECT_EQ(f.limits.take_spending().size(), RateLimits::kSpendingMax);
  f.limits.charge({.rule = 200, .subject = "somebody", .count = 1});
}

}  // namespace
}  // namespace msgd
