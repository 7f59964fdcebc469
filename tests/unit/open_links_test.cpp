// SPDX-License-Identifier: Apache-2.0
#include "ops/open_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace msgd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(OpenLinks, AreThoseToOtherMachinesWithoutTls) {
  EXPECT_THAT(hosts_in_the_clear("redis://cache"), ElementsAre("cache"));
  EXPECT_THAT(hosts_in_the_clear("redis://:p%40ss@10.0.0.1:6379/chat"), ElementsAre("10.0.0.1"));
  EXPECT_THAT(hosts_in_the_clear("nats://me:secret@[fd00::1]:4222"), ElementsAre("fd00::1"));
  EXPECT_THAT(hosts_in_the_clear("postgresql://me:secret@a:1,b:2/chat?connect_timeout=5"),
              ElementsAre("a", "b"));
  EXPECT_THAT(hosts_in_the_clear("postgres:///chat?host=a,/run/postgresql"), ElementsAre("a"));
  EXPECT_THAT(hosts_in_the_clear("postgresql://db/chat?sslmode=prefer"), ElementsAre("db"))
      << "it prefers, and takes what it gets";
}

TEST(OpenLinks, AreNotThoseThatStayHereOrInsistOnTls) {
  for (const char* url :
       {"tls://bus:4222", "memory:", "sqlite:/var/lib/msgd/chat.db", "rocksdb:./chat", "",
        "redis://127.0.0.1:6379", "redis://localhost", "nats://[::1]:4222", "postgresql:///chat",
        "postgresql:///chat?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/chat",
        "postgresql://a,b/chat?sslmode=require",
        "postgresql://a/chat?connect_timeout=5&sslmode=verify-full&sslrootcert=ca.pem"}) {
    EXPECT_THAT(hosts_in_the_clear(url), IsEmpty()) << url;
  }
}

}  // namespace
}  // namespace msgd
