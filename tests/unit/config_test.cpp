// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config_options.h"

namespace msgd {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

std::expected<Config, ConfigExit> load(const Arguments& arguments,
                                       const EnvironmentVariables& environment = {}) {
  std::vector<const char*> argv = {"msgd"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return load_config(static_cast<int>(argv.size()), argv.data(), environment);
}

/// What an error says; fails the test when there is none.
std::string error_of(const Arguments& arguments, const EnvironmentVariables& environment = {}) {
  const auto config = load(arguments, environment);
  if (config.has_value()) {
    ADD_FAILURE() << "there was no error";
    return {};
  }
  EXPECT_EQ(config.error().code, 2);
  EXPECT_TRUE(config.error().text.ends_with("\n"));
  return config.error().text;
}

class ConfigFile : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string("config_test_") +
             testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string write(const std::string& text) {
    std::ofstream(path_) << text;
    return path_.string();
  }

 private:
  std::filesystem::path path_;
};

TEST(ConfigLoad, NeedsAStoreAndSaysHow) {
  EXPECT_THAT(error_of({}), HasSubstr("--store sqlite:chat.db"));
  const auto config = load({"--store", "memory:"});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->store, "memory:");
  EXPECT_EQ(config->net.address, "127.0.0.1");
  EXPECT_EQ(config->net.port, 3000);
}

TEST(ConfigLoad, DevIsALocalFirstLook) {
  const auto config = load({"--dev"});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->store, "sqlite:./msg-data/msg.db");
  EXPECT_EQ(config->net.port, 3000);
  EXPECT_EQ(load({"--dev", "--store=memory:"})->store, "memory:");
  EXPECT_EQ(config->phone_lookups_per_day, 100u);
  EXPECT_EQ(load({"--store=memory:"})->phone_lookups_per_day, 0u);
  EXPECT_THAT(error_of({"--dev", "--listen", "0.0.0.0:3000", "--insecure-listen"}),
              HasSubstr("this machine only"));
}

TEST(ConfigLoad, AsksForAPublicAddressByName) {
  EXPECT_THAT(error_of({"--store=memory:", "--listen=0.0.0.0:80"}), HasSubstr("without TLS"));
  EXPECT_THAT(error_of({"--store=memory:", "--listen=[::]:80"}), HasSubstr("--insecure-listen"));
  EXPECT_TRUE(load({"--store=memory:", "--listen=0.0.0.0:80", "--insecure-listen"}));
  EXPECT_TRUE(load({"--store=memory:", "--listen=127.5.5.5:80"}));
  EXPECT_TRUE(load({"--store=memory:", "--listen=[::1]:80"}));
}

TEST(ConfigLoad, NoAuthenticationStaysOnThisMachineUnlessAskedFurther) {
  const auto error = [](auto... more) {
    return error_of({"--store=memory:", "--no-authentication", more...});
  };
  EXPECT_FALSE(load({"--store=memory:"})->no_authentication);
  EXPECT_TRUE(load({"--store=memory:", "--no-authentication"})->no_authentication);
  EXPECT_THAT(error("--listen=0.0.0.0:80"), HasSubstr("--insecure-listen"));
  EXPECT_THAT(error("--origin=https://example.org"), HasSubstr("Origin"));
  EXPECT_TRUE(
      load({"--store=memory:", "--no-authentication", "--listen=0.0.0.0:80", "--insecure-listen"}));
}

TEST(ConfigLoad, AFlagTurnsOffWhatTheEnvironmentTurnedOn) {
  const EnvironmentVariables on = {{"MSG_INSECURE_LISTEN", "true"}};
  EXPECT_TRUE(load({"--store=memory:", "--listen=0.0.0.0:80"}, on));
  EXPECT_THAT(error_of({"--store=memory:", "--listen=0.0.0.0:80", "--insecure-listen=false"}, on),
              HasSubstr("without TLS"));
}

TEST(ConfigLoad, MsgctlsVariablesAreNoneOfItsBusiness) {
  EXPECT_TRUE(load({"--dev"}, {{"MSG_KEY", "x"}, {"MSG_TOKEN", "x"}, {"MSG_URL", "x"}}));
}

TEST(ConfigLoad, NeverPrintsAPassword) {
  const auto shown = load({"--store", "postgresql://me:p@ss/word@db:5432/chat", "--check-config"});
  ASSERT_FALSE(shown);
  EXPECT_THAT(shown.error().text, Not(HasSubstr("ss/word")));
  EXPECT_THAT(error_of({"--store", "postgress://me:secret@db/chat"}), Not(HasSubstr("secret")));
}

TEST(ConfigLoad, TheAgesOfEditingAndDeletingAreSet) {
  const auto config = load({"--dev"});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->edit_age_max, std::chrono::hours{24});
  EXPECT_EQ(config->delete_age_max, std::chrono::hours{48});
  const auto other = load({"--dev", "--edit-age-max-s=0"}, {{"MSG_DELETE_AGE_MAX_S", "60"}});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->edit_age_max, std::chrono::seconds{0});
  EXPECT_EQ(other->delete_age_max, std::chrono::seconds{60});
  EXPECT_THAT(error_of({"--dev", "--edit-age-max-s=-1"}), HasSubstr("--edit-age-max-s"));
  EXPECT_THAT(error_of({"--dev", "--delete-age-max-s=1h"}), HasSubstr("whole number"));
}

TEST(ConfigLoad, ReadsAddresses) {
  struct Case {
    const char* text;
    const char* address;
    int port;
  };
  for (const Case& c : {Case{"127.0.0.1:0", "127.0.0.1", 0}, Case{"[::1]:65535", "::1", 65535},
                        Case{"localhost:1", "127.0.0.1", 1}}) {
    const auto config = load({"--dev", "--listen", c.text});
    ASSERT_TRUE(config) << c.text;
    EXPECT_EQ(config->net.address, c.address);
    EXPECT_EQ(config->net.port, c.port);
  }
  for (const char* text :
       {"", "3000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "127.0.0.1:-1",
        "127.0.0.1:8o", "[127.0.0.1]:80", "example.com:80", "127.0.0.1:80 ", "[::1:80", ":80"}) {
    EXPECT_THAT(error_of({"--dev", std::string("--listen=") + text}), HasSubstr("--listen"))
        << text;
  }
}

TEST_F(ConfigFile, GivesWayToVariablesAndTheseToFlags) {
  const std::string file = write("io_threads = 2\nworker_threads = 2\nnode = 2\nstore = 'memory:'");
  const EnvironmentVariables variables = {
      {"MSG_CONFIG", file}, {"MSG_WORKER_THREADS", "3"}, {"MSG_NODE", "3"}, {"HOME", "/root"}};
  const auto config = load({"--node", "4"}, variables);
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->net.io_threads, 2u);
  EXPECT_EQ(config->worker_threads, 3u);
  EXPECT_EQ(config->node, 4);
  EXPECT_EQ(config->store, "memory:");
  // The flag names another file than the variable: it wins as well.
  EXPECT_THAT(error_of({"--config", "/nonexistent"}, variables), HasSubstr("/nonexistent"));
}

TEST_F(ConfigFile, TakesEveryOptionAsItPrintsIt) {
  const auto config = load({"--store=memory:", "--origin=https://a.example", "--listen=[::1]:7",
                            "--origin", "https://b.example", "--log-level", "warn"});
  ASSERT_TRUE(config) << config.error().text;
  const std::string printed = to_toml(*config);
  const auto again = load({"--config", write(printed)});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(to_toml(*again), printed);
  EXPECT_EQ(again->net.origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_EQ(again->log_level, LogLevel::warn);
}

TEST_F(ConfigFile, NamesTheLineAndTheNearestKey) {
  const std::string file = write("store = 'memory:'\nio_treads = 2\n");
  const std::string error = error_of({"--config", file});
  EXPECT_THAT(error, HasSubstr(file + ":2: io_treads is not a key. Did you mean io_threads?"));
  EXPECT_THAT(error_of({"--config", write("[net]\nport = 1")}), HasSubstr("net is not a key"));
  EXPECT_THAT(error_of({"--config", write("store = ")}), HasSubstr(":1: "));
  EXPECT_THAT(error_of({"--config", write("io_threads = 1.5")}), HasSubstr("wrong type"));
  EXPECT_THAT(error_of({"--config", write("io_threads = [1]")}), HasSubstr("wrong type"));
  EXPECT_THAT(error_of({"--config", write("io_threads = 0")}),
              HasSubstr("io_threads must be a whole number from 1 to 64, not \"0\""));
}

TEST(ConfigLoad, NamesTheNearestFlagAndVariable) {
  EXPECT_THAT(error_of({"--iothreads", "2"}), HasSubstr("Did you mean --io-threads?"));
  EXPECT_THAT(error_of({"--dve"}), HasSubstr("Did you mean --dev?"));
  EXPECT_THAT(error_of({"serve"}), HasSubstr("serve is not an option"));
  EXPECT_THAT(error_of({"--dev"}, {{"MSG_IO_THREAD", "2"}}),
              HasSubstr("Did you mean MSG_IO_THREADS?"));
  EXPECT_TRUE(load({"--dev"}, {{"MSG_TOKEN", "for msgctl"}, {"MSGX", "not ours"}}));
}

TEST(ConfigLoad, SaysWhichSourceABadValueCameFrom) {
  EXPECT_THAT(error_of({"--dev", "--io-threads", "many"}), HasSubstr("--io-threads must be"));
  EXPECT_THAT(error_of({"--dev"}, {{"MSG_IO_THREADS", "65"}}), HasSubstr("MSG_IO_THREADS must be"));
  EXPECT_THAT(error_of({"--dev"}, {{"PORT", "http"}}), HasSubstr("PORT must be"));
  EXPECT_THAT(error_of({"--dev", "--log-level=loud"}), HasSubstr("debug, info, warn, error"));
  EXPECT_THAT(error_of({"--store", "mysql://x"}), HasSubstr("--store must be"));
  EXPECT_THAT(error_of({"--dev", "--origin", "chat.example.com"}), HasSubstr("--origin must be"));
  EXPECT_THAT(error_of({"--dev", "--origin", "https://a.example/path"}),
              HasSubstr("without a path"));
  EXPECT_THAT(error_of({"--dev", "--node", "1", "--node", "2"}), HasSubstr("node"));
  EXPECT_THAT(error_of({"--dev", "--node"}), HasSubstr("node"));
}

TEST(ConfigLoad, RefusesEveryNumberBelowItsRange) {
  for (const ConfigOption& option : config_options()) {
    if (option.kind != ConfigOption::Kind::number) continue;
    for (const char* value : {"-1", "99999999999999999999", "", "1x", " 1"}) {
      EXPECT_THAT(error_of({"--dev", option.flag() + "=" + value}), HasSubstr(option.flag()))
          << value;
    }
  }
}

TEST(ConfigLoad, TakesThePortOfTheEnvironment) {
  EXPECT_EQ(load({"--dev"}, {{"PORT", "8080"}})->net.port, 8080);
  const auto moved = load({"--dev"}, {{"PORT", "8080"}, {"MSG_LISTEN", "[::1]:1"}});
  EXPECT_EQ(moved->net.address, "::1");
  EXPECT_EQ(moved->net.port, 8080);
  EXPECT_EQ(load({"--dev", "--listen", "127.0.0.1:9"}, {{"PORT", "8080"}})->net.port, 9);
}

TEST(ConfigLoad, KeepsFlagsFalseWhenTheSourceSaysSo) {
  EXPECT_FALSE(load({"--store=memory:"}, {{"MSG_DEV", "false"}})->dev);
  EXPECT_TRUE(load({}, {{"MSG_DEV", "1"}})->dev);
  EXPECT_THAT(error_of({}, {{"MSG_DEV", "perhaps"}}), HasSubstr("true or false"));
}

TEST(ConfigLoad, TeachesOnRequest) {
  const auto help = load({"--help"});
  ASSERT_FALSE(help);
  EXPECT_EQ(help.error().code, 0);
  for (const ConfigOption& option : config_options()) {
    EXPECT_THAT(help.error().text, HasSubstr(option.flag()));
  }
  for (const char* word : {"Examples:", "MSG_IO_THREADS", "PORT", "--check-config", "--config"}) {
    EXPECT_THAT(help.error().text, HasSubstr(word));
  }
  EXPECT_EQ(load({"--version"}).error().code, 0);
}

TEST(ConfigLoad, ShowsWhatWouldBeUsedWithoutThePassword) {
  const auto shown = load({"--store", "postgresql://me:swordfish@db/chat", "--check-config"});
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().code, 0);
  EXPECT_THAT(shown.error().text, HasSubstr("store = \"postgresql://me@db/chat\""));
  EXPECT_THAT(shown.error().text, testing::Not(HasSubstr("swordfish")));
  EXPECT_EQ(load({"--check-config"}).error().code, 2);
}

}  // namespace
}  // namespace msgd
