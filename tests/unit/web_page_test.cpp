// SPDX-License-Identifier: Apache-2.0
#include "page/web_page.h"

#include <gtest/gtest.h>

#include <string>

#include "page/demo_door.h"

namespace msgd {
namespace {

constexpr std::string_view kPack =
    "/\ntext/html\nt1\n4 0\n<p>\n"
    "/assets/a-1.js\ntext/javascript\nt2\n6 3\nlet a;\x1f\x8b\x08"
    "/empty.txt\ntext/plain\nt3\n0 0\n";

Request request_of(std::string method, std::string path,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers = std::move(headers);
  return request;
}

std::string field(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

TEST(WebPage, ServesEachFileOfThePackWithItsType) {
  const WebPage page(kPack);
  const auto html = page.serve(request_of("GET", "/"));
  ASSERT_TRUE(html);
  EXPECT_EQ(html->body, "<p>\n");
  EXPECT_EQ(html->content_type, "text/html");
  EXPECT_EQ(field(*html, "Cache-Control"), "no-cache");
  const auto script = page.serve(request_of("GET", "/assets/a-1.js"));
  ASSERT_TRUE(script);
  EXPECT_EQ(script->body, "let a;");
  EXPECT_NE(field(*script, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_TRUE(page.serve(request_of("GET", "/empty.txt"))->body.empty());
  for (const auto* path :
       {"", "//", "/assets", "/assets/a-1.js/", "/ASSETS/a-1.js", "/index.html"}) {
    EXPECT_FALSE(page.serve(request_of("GET", path))) << path;
  }
}

TEST(WebPage, SqueezesForWhoCanTakeItUnderAnotherTag) {
  const WebPage page(kPack);
  const auto ask = [&](std::string codings) {
    return *page.serve(
        request_of("GET", "/assets/a-1.js", {{"accept-encoding", std::move(codings)}}));
  };
  EXPECT_EQ(ask("br, GZIP").body, "\x1f\x8b\x08");
  EXPECT_EQ(field(ask("gzip"), "ETag"), "\"t2-gzip\"");
  for (const auto* codings : {"br", "gzip;q=0", "", "x-gzip"}) {
    EXPECT_EQ(ask(codings).body, "let a;") << codings;
  }
}

TEST(WebPage, AnswersThatNothingHasChanged) {
  const WebPage page(kPack);
  const auto status = [&](std::string tags) {
    return page.serve(request_of("GET", "/", {{"if-none-match", std::move(tags)}}))->status;
  };
  EXPECT_EQ(status("\"t1\""), 304);
  EXPECT_EQ(status("\"x\", W/\"t1\""), 304);
  EXPECT_EQ(status("*"), 304);
  EXPECT_EQ(status("t1"), 200);
  EXPECT_EQ(status("\"t1-gzip\""), 200);
}

TEST(WebPage, IsReadOnly) {
  const WebPage page(kPack);
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    const auto answer = page.serve(request_of(method, "/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_EQ(field(*answer, "Allow"), "GET, HEAD, OPTIONS");
  }
}

TEST(WebPage, WhatIsNoPackHasNoFiles) {
  for (const std::string_view pack :
       {std::string_view{}, kPack.substr(0, kPack.size() / 2), std::string_view("/\nx\ny\n-1 0\n"),
        std::string_view("/\nx\ny\n9 0\nshort"), std::string_view("/\nx\ny\n1 1\na"),
        std::string_view("/\nx\ny\n18446744073709551616 0\n"), std::string_view("\n\n\n\n")}) {
    EXPECT_TRUE(WebPage(pack).empty()) << pack;
  }
}

Request from_here(std::vector<std::pair<std::string, std::string>> headers) {
  auto request = request_of("GET", "/demo/users", std::move(headers));
  request.peer = *parse_ip_address("127.0.0.1");
  return request;
}

TEST(DemoDoor, OpensForOwnPagesOnThisMachineOnly) {
  EXPECT_TRUE(is_own_page_on_this_machine(from_here({{"host", "127.0.0.1:3000"}})));
  EXPECT_TRUE(is_own_page_on_this_machine(from_here({{"host", "localhost"}})));
  EXPECT_TRUE(is_own_page_on_this_machine(from_here({{"host", "[::1]:3000"}})));
  EXPECT_TRUE(is_own_page_on_this_machine(from_here({{"host", "localhost:3000"},
                                                     {"origin", "http://localhost:3000"},
                                                     {"sec-fetch-site", "same-origin"}})));
  for (const auto* host : {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil:3000",
                           "[::1].evil", "0.0.0.0", "127.0.0.1:3000:1", "2130706433"}) {
    EXPECT_FALSE(is_own_page_on_this_machine(from_here({{"host", host}}))) << host;
  }
  for (const auto* origin : {"null", "http://localhost", "http://localhost:30001", "localhost:3000",
                             "https://evil.example", ""}) {
    EXPECT_FALSE(
        is_own_page_on_this_machine(from_here({{"host", "localhost:3000"}, {"origin", origin}})))
        << origin;
  }
  for (const auto* site : {"cross-site", "same-site", "none", ""}) {
    EXPECT_FALSE(
        is_own_page_on_this_machine(from_here({{"host", "localhost"}, {"sec-fetch-site", site}})))
        << site;
  }
  for (const auto* name : {"x-forwarded-for", "forwarded"}) {
    EXPECT_FALSE(is_own_page_on_this_machine(from_here({{"host", "localhost"}, {name, "x"}})));
  }
  auto elsewhere = from_here({{"host", "localhost"}});
  elsewhere.peer = *parse_ip_address("10.0.0.7");
  EXPECT_FALSE(is_own_page_on_this_machine(elsewhere));
}

}  // namespace
}  // namespace msgd
