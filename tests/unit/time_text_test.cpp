// SPDX-License-Identifier: Apache-2.0
#include "http/time_text.h"

#include <gtest/gtest.h>

#include <random>

namespace msgd {
namespace {

using std::chrono::milliseconds;

constexpr msg::Time kSample{milliseconds{1'795'252'502'123}};

TEST(TimeText, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(format_time(kSample), "2026-11-21T09:15:02.123Z");
  EXPECT_EQ(format_time(msg::Time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time(msg::Time{milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

TEST(TimeText, ReadsEveryFormOfTheSameMoment) {
  for (const auto* text :
       {"2026-11-21T09:15:02.123Z", "2026-11-21t09:15:02.123z", "2026-11-21T09:15:02.123999999Z",
        "2026-11-21T10:15:02.123+01:00", "2026-11-20T19:15:02.123-14:00",
        "2026-11-21T09:15:02.123-00:00", "2026-11-22T09:14:02.123+23:59"}) {
    EXPECT_EQ(parse_time(text), kSample) << text;
  }
}

TEST(TimeText, ReadsFractionsOfOneToNineDigits) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), msg::Time{});
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.5Z"), msg::Time{milliseconds{500}});
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.05Z"), msg::Time{milliseconds{50}});
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.0009Z"), msg::Time{});
}

TEST(TimeText, LeapSecondBecomesTheLastMillisecondBefore) {
  const auto expected = parse_time("2016-12-31T23:59:59.999Z");
  EXPECT_EQ(parse_time("2016-12-31T23:59:60Z"), expected);
  EXPECT_EQ(parse_time("2016-12-31T23:59:60.5Z"), expected);
  EXPECT_EQ(parse_time("2017-01-01T00:59:60+01:00"), expected);
  EXPECT_FALSE(parse_time("2016-12-31T22:59:60Z"));
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const auto* text : {"",
                           "2026",
                           "2026-11-21",
                           "2026-11-21T09:15:02",
                           "2026-11-21 09:15:02Z",
                           "2026-11-21T9:15:02Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T00:60:00Z",
                           "2026-11-21T00:00:61Z",
                           "2026-11-21T00:00:00.Z",
                           "2026-11-21T00:00:00.1234567890Z",
                           "2026-11-21T00:00:00+1:00",
                           "2026-11-21T00:00:00+24:00",
                           "2026-11-21T00:00:00+0100",
                           "2026-11-21T00:00:00Zx",
                           " 2026-11-21T00:00:00Z",
                           "0000-01-01T00:00:00Z",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "-001-01-01T00:00:00Z",
                           "+2026-11-21T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(TimeText, EveryTimeOfTheRangeComesBackUnchanged) {
  const auto first = parse_time("0001-01-01T00:00:00.000Z");
  const auto last = parse_time("9999-12-31T23:59:59.999Z");
  ASSERT_TRUE(first && last);
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::int64_t> any(first->time_since_epoch().count(),
                                                  last->time_since_epoch().count());
  for (int i = 0; i < 100'000; ++i) {
    const msg::Time time{milliseconds{any(random)}};
    ASSERT_EQ(parse_time(format_time(time)), time) << format_time(time);
  }
  EXPECT_EQ(parse_time(format_time(*first)), first);
  EXPECT_EQ(parse_time(format_time(*last)), last);
}

}  // namespace
}  // namespace msgd
