// SPDX-License-Identifier: Apache-2.0
#include "config_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "config.h"

namespace msgd {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string url_of(const EnvironmentVariables& environment) {
  const auto url = database_url(environment);
  if (!url || !*url) {
    ADD_FAILURE() << "no URL" << (url ? "" : ": " + url.error());
    return {};
  }
  return **url;
}

std::string refusal_of(const EnvironmentVariables& environment) {
  const auto url = database_url(environment);
  return url ? "no error" : url.error();
}

std::string store_by(std::vector<const char*> arguments, const EnvironmentVariables& environment) {
  arguments.insert(arguments.begin(), "msgd");
  const auto config =
      load_config(static_cast<int>(arguments.size()), arguments.data(), environment);
  return config ? config->store : config.error().text;
}

TEST(ConfigDatabase, IsPutTogetherFromItsParts) {
  EXPECT_EQ(url_of({{"DB_HOST", "db"}}), "postgresql://db:5432/libmsg");
  EXPECT_EQ(url_of({{"DB_HOST", "db"}, {"DB_USER", "me"}, {"DB_PASSWORD", "secret"}}),
            "postgresql://me:secret@db:5432/libmsg");
  EXPECT_EQ(url_of({{"DB_HOST", "10.0.0.1"}, {"DB_PORT", "6432"}, {"DB_NAME", "chat"}}),
            "postgresql://10.0.0.1:6432/chat");
}

TEST(ConfigDatabase, RedisIsPutTogetherFromItsParts) {
  EXPECT_EQ(*redis_url({}), std::nullopt);
  EXPECT_EQ(*redis_url({{"REDIS_HOST", "cache"}}), "redis://cache:6379");
  EXPECT_EQ(*redis_url({{"REDIS_HOST", "cache"}, {"REDIS_PORT", "7"}, {"REDIS_PASSWORD", "p@ss"}}),
            "redis://:p%40ss@cache:7");
  EXPECT_THAT(redis_url({{"REDIS_HOST", "cache"}, {"REDIS_PORT", "x"}}).error(),
              HasSubstr("REDIS_PORT"));
  EXPECT_FALSE(redis_url({{"REDIS_HOST", "a/b"}}));
}

TEST(ConfigDatabase, RedisIsTheCacheTooUnlessAnotherIsNamed) {
  const auto load = [](std::vector<const char*> arguments, const EnvironmentVariables& variables) {
    arguments.insert(arguments.begin(), "msgd");
    return *load_config(static_cast<int>(arguments.size()), arguments.data(), variables);
  };
  const EnvironmentVariables variables{{"DB_HOST", "db"}, {"REDIS_HOST", "r"}};
  EXPECT_EQ(load({}, variables).bus, "redis://r:6379");
  EXPECT_EQ(load({}, variables).cache, "redis://r:6379");
  EXPECT_EQ(load({"--cache", "memory:"}, variables).cache, "memory:");
  EXPECT_EQ(load({"--cache", "memory:"}, variables).bus, "redis://r:6379");
  EXPECT_EQ(load({"--bus", "nats://n", "--cache", ""}, variables).cache, "");
  EXPECT_EQ(load({"--store", "memory:"}, variables).cache, "");
}

TEST(ConfigDatabase, NothingWithoutAHost) {
  EXPECT_EQ(*database_url({}), std::nullopt);
  EXPECT_EQ(*database_url({{"DB_HOST", ""}, {"DB_USER", "me"}}), std::nullopt);
}

TEST(ConfigDatabase, EmptyVariablesAreNotGiven) {
  EXPECT_EQ(url_of({{"DB_HOST", "db"},
                    {"DB_PORT", ""},
                    {"DB_NAME", ""},
                    {"DB_USER", ""},
                    {"DB_PASSWORD", ""}}),
            "postgresql://db:5432/libmsg");
}

TEST(ConfigDatabase, WhatIsSpecialInUrlsIsEncoded) {
  EXPECT_EQ(url_of({{"DB_HOST", "db"},
                    {"DB_USER", "me@home"},
                    {"DB_PASSWORD", "p:@/?#[]% +&é"},
                    {"DB_NAME", "my chat"}}),
            "postgresql://me%40home:p%3A%40%2F%3F%23%5B%5D%25%20%2B%26%C3%A9@db:5432/my%20chat");
}

TEST(ConfigDatabase, SeveralHostsEachWithAPort) {
  EXPECT_EQ(url_of({{"DB_HOST", "db1,db2:6000,[::1]:7000,fe80::1"}, {"DB_PORT", "5433"}}),
            "postgresql://db1:5433,db2:6000,[::1]:7000,[fe80::1]:5433/libmsg");
}

TEST(ConfigDatabase, RefusesWhatIsNoHostAndNoPort) {
  for (const char* host : {"db/x", "a b", "db?x", "me@db", "db,,db", ",", "db:", "db:0", "db:http",
                           "db:65536", "db#1", ":5432"}) {
    EXPECT_THAT(refusal_of({{"DB_HOST", host}}), HasSubstr("DB_HOST must be")) << host;
  }
  for (const char* port : {"0", "65536", "http", "-1", "5432 "}) {
    EXPECT_THAT(refusal_of({{"DB_HOST", "db"}, {"DB_PORT", port}}), HasSubstr("DB_PORT must be"));
  }
  EXPECT_THAT(refusal_of({{"DB_HOST", "db"}, {"DB_PASSWORD", "secret"}}), HasSubstr("DB_USER"));
  EXPECT_THAT(refusal_of({{"DB_HOST", "db"}, {"DB_PASSWORD", "secret"}}), Not(HasSubstr("secret")));
}

TEST(ConfigDatabase, GivesWayToAStoreThatIsNamed) {
  const EnvironmentVariables database = {{"DB_HOST", "db"}};
  EXPECT_EQ(store_by({}, database), "postgresql://db:5432/libmsg");
  EXPECT_EQ(store_by({"--store", "memory:"}, database), "memory:");
  EXPECT_EQ(store_by({}, {{"DB_HOST", "db"}, {"MSG_STORE", "memory:"}}), "memory:");
  // What is not used may be wrong.
  EXPECT_EQ(store_by({"--store", "memory:"}, {{"DB_HOST", "db/x"}}), "memory:");
  EXPECT_THAT(store_by({}, {{"DB_HOST", "db/x"}}), HasSubstr("msgd: DB_HOST must be"));
}

TEST(ConfigDatabase, WinsOverTheStoreOfTheFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "config_database_test.toml";
  std::ofstream(path) << "store = 'memory:'\n";
  EXPECT_EQ(store_by({}, {{"DB_HOST", "db"}, {"MSG_CONFIG", path.string()}}),
            "postgresql://db:5432/libmsg");
  EXPECT_EQ(store_by({}, {{"MSG_CONFIG", path.string()}}), "memory:");
  std::filesystem::remove(path);
}

TEST(ConfigDatabase, ThePasswordIsNotPrinted) {
  const std::string shown = store_by(
      {"--check-config"}, {{"DB_HOST", "db"}, {"DB_USER", "me"}, {"DB_PASSWORD", "sw@rd/fish"}});
  EXPECT_THAT(shown, HasSubstr("store = \"postgresql://me@db:5432/libmsg\""));
  EXPECT_THAT(shown, Not(HasSubstr("fish")));
}

}  // namespace
}  // namespace msgd
