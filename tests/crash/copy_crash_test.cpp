// SPDX-License-Identifier: Apache-2.0
// A child process copies a store and is killed at a random moment, again and again, until a copy
// comes to its end: nothing is missing in it and nothing is there twice.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "msg/maintenance.h"
#include "msg/messenger.h"
#include "support/postgres_server.h"

namespace msg::test {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

constexpr std::string_view kPostgres = "postgresql:";

struct Schemes {
  const char* name;
  std::string_view from;
  std::string_view to;
  friend void PrintTo(const Schemes& pair, std::ostream* out) {
    *out << pair.from << " to " << pair.to;
  }
};

class CopyCrash : public testing::TestWithParam<Schemes> {
 protected:
  CopyCrash() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-crash-XXXXXX").string();
    if (!mkdtemp(path.data())) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
  }
  void SetUp() override {
    const bool needs_server = GetParam().from == kPostgres || GetParam().to == kPostgres;
    if (needs_server && !PostgresServer::is_installed()) GTEST_SKIP() << "no PostgreSQL here";
    from_ = place(GetParam().from, "from");
    to_ = place(GetParam().to, "to");
  }
  ~CopyCrash() override { std::filesystem::remove_all(directory_); }

  /// An empty one, of that name.
  std::string place(std::string_view scheme, const std::string& name) const {
    if (scheme != kPostgres) return std::string(scheme) + (directory_ / name).string();
    auto& server = PostgresServer::shared();
    server.query("DROP SCHEMA IF EXISTS copy_" + name + " CASCADE");
    return server.make_place("copy_" + name) + "&msg_partitions=2";
  }

  /// In a process of its own: threads that a store starts would be missing in later children.
  /// Ends with 0 when `work` succeeds. Killed after `kill_after_us`, unless that is 0.
  template <class Work>
  static int in_child(const Work& work, useconds_t kill_after_us = 0) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        work();
        std::_Exit(HasFailure() ? 1 : 0);
      } catch (const std::exception& e) {
        std::fprintf(stderr, "in the child: %s\n", e.what());
        std::_Exit(2);
      }
    }
    if (kill_after_us > 0) {
      usleep(kill_after_us);
      kill(child, SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  void fill() const {
    const auto messenger = must(open(from_));
    std::vector<User> users;
    for (int i = 0; i < 4; ++i) {
      NewUser user;
      user.phone = "+1415555010" + std::to_string(i);
      users.push_back(must(messenger->register_user(user)));
    }
    for (const auto& user : users) {
      const auto chat = must(messenger->open_direct(users[0].id, user.id)).id;
      std::vector<Draft> drafts(2'000);
      for (std::size_t i = 0; i < drafts.size(); ++i) {
        drafts[i].conversation = chat;
        drafts[i].sender = user.id;
        drafts[i].content = "message " + std::to_string(i);
        drafts[i].client_id = std::to_string(i);
      }
      for (auto& sent : messenger->send_many(drafts)) must(std::move(sent));
    }
  }
  /// PostgreSQL takes a moment to notice that a process is gone, and to let go of its lock.
  CopyReport copy_with(const CopyOptions& options) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
      auto report = copy_store(from_, to_, options);
      const bool is_locked = !report && report.error().detail.contains("another copy");
      if (!is_locked || std::chrono::steady_clock::now() > deadline) return must(std::move(report));
    }
  }
  /// Small batches, so that there are many places to be killed at.
  void copy() const {
    CopyOptions options;
    options.batch_rows = 64;
    copy_with(options);
  }
  void verify() const {
    CopyOptions options;
    options.verify = true;
    const auto report = copy_with(options);
    EXPECT_TRUE(report.was_complete);
    EXPECT_EQ(report.difference_count, 0) << testing::PrintToString(report.differences);
    const auto checked = must(check_store(to_));
    EXPECT_EQ(checked.problem_count, 0) << testing::PrintToString(checked.problems);
    EXPECT_EQ(checked.messages, 8'000);
  }

  std::filesystem::path directory_;
  std::string from_;
  std::string to_;
};

TEST_P(CopyCrash, GoesOnAfterAKillAtAnyMoment) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  ASSERT_EQ(in_child([&] { fill(); }), 0);
  int kills = 0;
  // Each life a little longer, so that it ends however slow the machine is.
  for (useconds_t longest = 20'000;; longest += 5'000) {
    const int ended = in_child([&] { copy(); }, 1 + random() % longest);
    if (ended == 0) break;
    ASSERT_EQ(ended, -SIGKILL);
    ++kills;
    ASSERT_LT(kills, 5'000);
  }
  EXPECT_GT(kills, 0);
  RecordProperty("kills", kills);
  EXPECT_EQ(in_child([&] { verify(); }), 0);
}

INSTANTIATE_TEST_SUITE_P(Store, CopyCrash,
                         testing::Values(Schemes{"to_rocksdb", "sqlite:", "rocksdb:"},
                                         Schemes{"to_sqlite", "rocksdb:", "sqlite:"},
                                         Schemes{"to_postgres", "sqlite:", kPostgres},
                                         Schemes{"from_postgres", kPostgres, "rocksdb:"}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace msg::test
