// SPDX-License-Identifier: Apache-2.0
// Opening: whose file it is, who else has it, which schema it has, and being killed meanwhile.

#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "sqlite_fixture.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/schema.h"

namespace msg::test {
namespace {

namespace fs = std::filesystem;

class SqliteOpen : public SqliteFixture {
 protected:
  /// The names in the directory.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  /// Opening fails, and the file is as it was, with nothing in a log beside it.
  void expect_refused(Code code, const std::string& words) {
    const std::string before = bytes_of(path_);
    EXPECT_TRUE(refuses(open(), code, words));
    EXPECT_EQ(bytes_of(path_), before);
    EXPECT_EQ(bytes_of(path_ + "-wal"), "");
    EXPECT_FALSE(fs::exists(path_ + ".new"));
  }
  void write_file(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
};

TEST_F(SqliteOpen, MakesOnePrivateFileAndLeavesItWholeOnClose) {
  {
    auto store = must(open());
    must(append(*store, 1));
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      struct stat status{};
      ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
      EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
    }
  }
  EXPECT_THAT(files(), testing::UnorderedElementsAre("chat.db", "chat.db.lock"));
  EXPECT_EQ(sql(path_, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(sql(path_, "SELECT id || ' ' || created_at || ' ' || content FROM message_view"),
            "4000-1 2027-01-15T08:00:00.001Z mmmmmmmmmm");
  EXPECT_TRUE(has(*must(open()), 1));
}

TEST_F(SqliteOpen, TakesAnEmptyFileForANewStore) {
  write_file("");
  EXPECT_TRUE(open());
}

TEST_F(SqliteOpen, RefusesPathsThatCannotBeADatabase) {
  const auto refused = [this](const std::string& path, Code code, const std::string& words) {
    const auto result = open_sqlite_store(path, options_);
    EXPECT_TRUE(refuses(result, code, words)) << path;
    if (!result) {
      EXPECT_EQ(result.error().field, "url") << path;
    }
  };
  const std::string fifo = (directory_ / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  refused("", Code::invalid_argument, "empty");
  refused(":memory:", Code::invalid_argument, "memory:");
  refused(std::string("a\0b", 3), Code::invalid_argument, "zero");
  refused(directory_.string(), Code::invalid_argument, "is a directory");
  refused((directory_ / "").string(), Code::invalid_argument, "is a directory");
  refused(fifo, Code::invalid_argument, "not a regular file");
  refused((directory_ / "none" / "chat.db").string(), Code::not_found,
          "no directory " + (directory_ / "none").string());
}

TEST_F(SqliteOpen, RefusesAFileThatIsNoDatabase) {
  write_file("Dear diary, today I learnt that files have headers.");
  expect_refused(Code::corrupt, "is not an SQLite database");
  write_file(std::string(8192, '\xff'));
  expect_refused(Code::corrupt, "is not an SQLite database");
}

TEST_F(SqliteOpen, RefusesTheDatabaseOfAnotherProgram) {
  sql(path_, "CREATE TABLE bookmark (url TEXT)");
  expect_refused(Code::conflict, "of another program");
  sql(path_,
      "PRAGMA journal_mode = WAL; PRAGMA application_id = 77; INSERT INTO bookmark VALUES(1)");
  expect_refused(Code::conflict, "of another program");
}

TEST_F(SqliteOpen, RefusesADamagedDatabase) {
  {
    auto store = must(open());
    must(append(*store, 1));
  }
  const std::string whole = bytes_of(path_);
  write_file(whole.substr(0, 100) + std::string(whole.size() - 100, '\xff'));
  EXPECT_TRUE(refuses(open(), Code::corrupt, path_));
  write_file(whole.substr(0, 4096));
  EXPECT_TRUE(refuses(open(), Code::corrupt, path_));
}

TEST_F(SqliteOpen, DoesNotMixTheLogOfALostDatabaseIntoANewOne) {
  std::ofstream(path_ + "-wal") << "what is left of last year";
  EXPECT_TRUE(refuses(open(), Code::conflict, "exists without its database"));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(SqliteOpen, RefusesANewerSchema) {
  must(open());
  sql(path_, "PRAGMA user_version = 99");
  expect_refused(Code::conflict, "number 99");
}

TEST_F(SqliteOpen, RefusesAnOlderSchemaUnlessItMayMigrate) {
  must(open());
  sql(path_, "PRAGMA user_version = 0");
  options_.migrate = false;
  expect_refused(Code::conflict, "Options::migrate");
}

TEST_F(SqliteOpen, MigratesStepByStepAndGoesOnWhereItStopped) {
  must(open());
  auto connection = must(sqlite::Connection::open(path_, sqlite::Connection::Role::writer));
  const auto number = [&] { return must(connection->integer_of("PRAGMA user_version")); };
  const auto first = static_cast<std::int64_t>(sqlite::migrations().size());
  std::vector<const char*> steps(sqlite::migrations().begin(), sqlite::migrations().end());
  steps.push_back("CREATE TABLE a (x); INSERT INTO a VALUES (1)");
  steps.push_back("UPDATE a SET x = x + 1; CREATE TABLE b (x); CREATE TABLE no such syntax");

  EXPECT_FALSE(sqlite::migrate(*connection, steps, true));
  EXPECT_EQ(number(), first + 1);
  EXPECT_EQ(must(connection->integer_of("SELECT x FROM a")), 1);
  EXPECT_FALSE(connection->integer_of("SELECT * FROM b"));

  steps.back() = "UPDATE a SET x = x + 1; CREATE TABLE b (x)";
  EXPECT_TRUE(refuses(sqlite::migrate(*connection, steps, false), Code::conflict, "migrate"));
  must(sqlite::migrate(*connection, steps, true));
  must(sqlite::migrate(*connection, steps, true));
  EXPECT_EQ(number(), first + 2);
  EXPECT_EQ(must(connection->integer_of("SELECT x FROM a")), 2);
}

TEST_F(SqliteOpen, KeepsAnotherStoreOutAndNamesItsProcess) {
  auto store = must(open());
  const std::string words = path_ + " is open in process " + std::to_string(::getpid());
  EXPECT_TRUE(refuses(open(), Code::conflict, words));
  fs::create_symlink(path_, directory_ / "link.db");
  EXPECT_TRUE(refuses(open_sqlite_store((directory_ / "link.db").string(), options_),
                      Code::conflict, words));
  must(append(*store, 1));  // The first owner is not disturbed.
  store.reset();
  EXPECT_TRUE(has(*must(open()), 1));
}

/// Runs `work` in a child that dies without a chance to clean up after `us` microseconds.
template <class Work>
void run_and_kill(int us, Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGALRM, SIG_DFL);
    const itimerval when{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = us}};
    ::setitimer(ITIMER_REAL, &when, nullptr);
    try {
      work();
    } catch (...) {
      ::_exit(1);  // The child must not go on as a second test program.
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

TEST_F(SqliteOpen, SurvivesBeingKilledWhileItIsMade) {
  for (int us = 50; us < 12'000; us += 400) {
    run_and_kill(us, [this] { (void)open(); });
    auto store = open();
    ASSERT_TRUE(store) << us << " us: " << store.error().detail;
    must(append(**store, 1));
    store->reset();
    ASSERT_EQ(sql(path_, "PRAGMA integrity_check"), "ok");
    for (const auto& name : files()) fs::remove(directory_ / name);
  }
}

TEST_F(SqliteOpen, LosesNothingAcknowledgedWhenKilled) {
  must(open());
  std::int64_t acknowledged = 0;
  for (int us = 10'000; us < 60'000; us += 4'000) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    run_and_kill(us, [&] {
      auto store = must(open());
      for (std::int64_t seq = acknowledged + 1;; ++seq) {
        if (!has(*store, seq)) must(append(*store, seq, 3'000));
        if (::write(pipe[1], &seq, sizeof seq) != sizeof seq) ::_exit(1);
      }
    });
    ::close(pipe[1]);
    for (std::int64_t seq = 0; ::read(pipe[0], &seq, sizeof seq) == sizeof seq;) acknowledged = seq;
    ::close(pipe[0]);

    auto store = must(open());
    for (std::int64_t seq = 1; seq <= acknowledged; ++seq) ASSERT_TRUE(has(*store, seq)) << us;
    const Version last = must(must(store->snapshot())->last_version());
    EXPECT_TRUE(acknowledged == 0 || last >= message(acknowledged).version);
  }
  EXPECT_GT(acknowledged, 0);
}

}  // namespace
}  // namespace msg::test
