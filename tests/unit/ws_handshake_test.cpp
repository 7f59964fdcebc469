// SPDX-License-Identifier: Apache-2.0
//
// The lists in an upgrade request. All the rest is tested from outside, in
// tests/e2e/ws_conformance.
#include "net/ws_handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace msgd {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The status of the answer to an upgrade request with these fields besides the required ones.
int status_with(const Fields& more) {
  HttpHead head{.method = "GET",
                .target = "/",
                .fields = {{"connection", "Upgrade"},
                           {"upgrade", "websocket"},
                           {"sec-websocket-version", "13"},
                           {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
  head.fields.insert(head.fields.end(), more.begin(), more.end());
  const auto answer = accept_websocket(head, Request{}, {});
  return answer ? 101 : answer.error().status;
}

TEST(WsHandshake, ComparesTheSubprotocolExactly) {
  const std::string name = "sec-websocket-protocol";
  EXPECT_EQ(status_with({}), 101);
  EXPECT_EQ(status_with({{name, "msg.v1.json"}}), 101);
  EXPECT_EQ(status_with({{name, "chat, msg.v1.json"}}), 101);
  EXPECT_EQ(status_with({{name, "chat"}, {name, "msg.v1.json"}}), 101);
  EXPECT_EQ(status_with({{name, "MSG.V1.JSON"}}), 400);
  EXPECT_EQ(status_with({{name, "msg.v1.jso"}}), 400);
  EXPECT_EQ(status_with({{name, ""}}), 400);
}

TEST(WsHandshake, RefusesExtensionsThatAreMalformed) {
  const std::string name = "sec-websocket-extensions";
  for (const char* good :
       {"permessage-deflate", "a, b;c", "a ; b = c;d", R"(a;b="10")", R"(a;b="c\d")", ", a,,b ,"}) {
    EXPECT_EQ(status_with({{name, good}}), 101) << good;
  }
  for (const char* bad : {"", ",", ";", "a;", "a b", "a=b", "a;b=", "a;=b", "a;b=\"", "a;b=\"\"",
                          R"(a;b="c)", R"(a;b="c d")", R"(a;b="c,d")", R"(a;b="c;d")",
                          R"(a;b="c"d)", R"(a;b="\")", R"(a;b="c\")", "a, b;"}) {
    EXPECT_EQ(status_with({{name, bad}}), 400) << bad;
  }
  EXPECT_EQ(status_with({{name, "a"}, {name, "b;"}}), 400);
  EXPECT_EQ(status_with({{name, ""}, {name, "a"}}), 101);
}

}  // namespace
}  // namespace msgd
