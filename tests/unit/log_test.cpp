// SPDX-License-Identifier: Apache-2.0
#include "ops/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

namespace msgd {
namespace {

constexpr std::int64_t kTime = 1'795'252'502'123;  // 2026-11-21T09:15:02.123Z

TEST(Log, WritesJsonWithEveryKindOfValue) {
  const std::string line = format_log_line(LogFormat::json, kTime, LogLevel::info, "http.request",
                                           {{"method", "GET"},
                                            {"status", 200},
                                            {"ms", 1.5},
                                            {"last", true},
                                            {"big", ~std::uint64_t{0}}});
  EXPECT_EQ(line, R"({"time":"2026-11-21T09:15:02.123Z","level":"info","event":"http.request",)"
                  R"("method":"GET","status":200,"ms":1.5,"last":true,"big":18446744073709551615})"
                  "\n");
}

TEST(Log, WritesTextForPeople) {
  EXPECT_EQ(format_log_line(LogFormat::text, kTime, LogLevel::warn, "store.slow",
                            {{"path", "/a"}, {"why", "two words"}, {"none", ""}}),
            "09:15:02.123 WARN  store.slow path=/a why=\"two words\" none=\"\"\n");
}

TEST(Log, KeepsALineALineWhateverIsInIt) {
  std::string evil = "a\r\nb\t\"\\\x1b[31m\x7f\xc2\x9b\xff";
  evil.push_back('\0');
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line =
        format_log_line(format, kTime, LogLevel::error, evil, {{"value", evil}});
    if (format == LogFormat::json) {
      EXPECT_TRUE(boost::json::parse(line).as_object().contains("value")) << line;
    }
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const auto byte = static_cast<unsigned char>(line[i]);
      EXPECT_TRUE(byte >= 0x20 && byte < 0x7F) << static_cast<int>(format) << " at " << i;
    }
    EXPECT_EQ(line.back(), '\n');
  }
}

TEST(Log, KeepsTextThatIsUtf8) {
  const std::string line =
      format_log_line(LogFormat::json, kTime, LogLevel::info, "e", {{"name", "Jürgen \U0001F600"}});
  EXPECT_EQ(boost::json::parse(line).at("name").as_string(), "Jürgen \U0001F600");
}

TEST(Log, HasNoNumbersThatJsonHasNot) {
  const std::string line = format_log_line(LogFormat::json, kTime, LogLevel::info, "e",
                                           {{"inf", std::numeric_limits<double>::infinity()},
                                            {"nan", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_TRUE(boost::json::parse(line).at("inf").is_null());
  EXPECT_TRUE(boost::json::parse(line).at("nan").is_null());
}

TEST(Log, HidesPhonesAndTokensInPaths) {
  EXPECT_EQ(loggable_path("/api/v1/users/17"), "/api/v1/users/17");
  EXPECT_EQ(loggable_path("/api/v1/users/by-phone/+4915112345678"), "/api/v1/users/by-phone/*");
  EXPECT_EQ(loggable_path("/api/v1/users/by-phone/4915112345678/x"), "/api/v1/users/by-phone/*/x");
  EXPECT_EQ(loggable_path("/+4915112345678"), "/*");
  EXPECT_EQ(loggable_path("/a/mss_secret"), "/a/*");
  EXPECT_EQ(loggable_path("/a/msk_secret/b"), "/a/*/b");
  EXPECT_EQ(loggable_path("//a//"), "//a//");
  EXPECT_EQ(loggable_path(""), "");
  EXPECT_EQ(loggable_path(std::string(5000, 'a')).size(), 256u);
}

TEST(Log, WritesWholeLinesFromManyThreadsAndOnlyFromItsLevelOn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  configure_log({.level = LogLevel::info, .format = LogFormat::json, .fd = ends[1]});
  std::string all;
  std::thread reader([&] {
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  });
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([i] {
      for (int k = 0; k < 250; ++k) {
        log_info("line", {{"thread", i}, {"text", std::string(200, 'x')}});
        log_debug("not this");
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  configure_log({});
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  std::istringstream lines(all);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_EQ(boost::json::parse(line).at("event").as_string(), "line");
  }
  EXPECT_EQ(count, 1000);
}

TEST(Log, KeepsTheLatestWarningsAndErrors) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  configure_log({.level = LogLevel::info, .format = LogFormat::text, .fd = ends[1]});
  for (std::size_t i = 0; i < kProblemsKept; ++i) log_warn("early", {{"number", i}});
  log_error("late", {{"why", "a \"quoted\" one"}});
  log_info("nothing", {});
  log_error("long", {{"why", std::string(kProblemBytesMax, 'x')}});
  configure_log({});
  ::close(ends[0]);
  ::close(ends[1]);
  const auto problems = recent_problems();
  ASSERT_EQ(problems.size(), kProblemsKept);
  const auto newest = boost::json::parse(problems.front());
  EXPECT_EQ(newest.at("event").as_string(), "late");
  EXPECT_EQ(newest.at("level").as_string(), "error");
  EXPECT_EQ(newest.at("why").as_string(), "a \"quoted\" one");
  EXPECT_EQ(boost::json::parse(problems.back()).at("number").as_int64(), 1) << "0 made room";
}

}  // namespace
}  // namespace msgd
