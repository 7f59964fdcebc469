// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <gtest/gtest.h>

#include <set>

namespace msgd {
namespace {

const Router kRouter(routes());

std::string found(std::string_view method, std::string_view path) {
  const auto match = kRouter.find(method, path);
  return match ? std::string{match->route->pattern} : std::string{match.error().code};
}

TEST(Router, FindsTheRowAndItsParameters) {
  const auto match = kRouter.find("PATCH", "/api/v1/conversations/5/members/7");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->params[0], "5");
  EXPECT_EQ(match->params[1], "7");
}

TEST(Router, PrefersFixedSegments) {
  EXPECT_EQ(found("GET", "/api/v1/messages/5-1"), "/api/v1/messages/{id}");
  EXPECT_EQ(found("GET", "/api/v1/messages/5-1/status"), "/api/v1/messages/{id}/status");
  EXPECT_EQ(found("GET", "/api/v1/users/by-username/bob"), "/api/v1/users/by-username/{username}");
}

TEST(Router, HeadIsServedByGet) {
  EXPECT_EQ(found("HEAD", "/healthz"), "/healthz");
}

TEST(Router, UnknownPathsAreNotFound) {
  for (const auto* path :
       {"", "/", "//", "*", "/api/v1", "/api/v1/", "/api/v1/messages/", "/api/v1/users//sessions",
        "/healthz/", "/api/v2/messages", "healthz", "/api/v1/messages/5-1/status/x"}) {
    EXPECT_EQ(found("GET", path), "not_found") << path;
  }
}

TEST(Router, OtherMethodsAreNamed) {
  EXPECT_EQ(found("PUT", "/api/v1/messages"), "method_not_allowed");
  EXPECT_EQ(kRouter.allowed("/api/v1/messages"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(kRouter.allowed("/api/v1/sessions/5"), "DELETE, OPTIONS, PATCH");
  EXPECT_EQ(kRouter.allowed("/nowhere"), "");
}

TEST(Router, EveryRowHasOneHandlerAndIsThereOnce) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.emplace(route.method, route.pattern).second) << route.pattern;
    const int handlers = (route.sync != nullptr ? 1 : 0) + (route.async != nullptr ? 1 : 0) +
                         (route.at_once != nullptr ? 1 : 0);
    EXPECT_EQ(handlers, 1) << route.pattern;
  }
}

TEST(Router, FewRowsAskForNoToken) {
  std::set<std::string_view> open;
  for (const Route& route : routes()) {
    if (route.access == Access::none || route.access == Access::optional ||
        route.access == Access::key_or_open) {
      open.insert(route.pattern);
    }
  }
  EXPECT_EQ(open, (std::set<std::string_view>{"/api/v1/auth/codes", "/api/v1/auth/jwt",
                                              "/api/v1/auth/sessions", "/api/v1/register",
                                              "/asyncapi.json", "/healthz", "/metrics",
                                              "/openapi.json", "/readyz", "/register"}));
}

}  // namespace
}  // namespace msgd
