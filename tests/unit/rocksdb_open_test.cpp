// SPDX-License-Identifier: Apache-2.0
// Opening: whose directory it is, who else has it, which layout it has, and being killed meanwhile.
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "unit/rocksdb_fixture.h"

namespace msg::test {
namespace {

namespace fs = std::filesystem;

class RocksdbOpen : public RocksdbFixture {
 protected:
  /// One change below the store.
  void change(const std::function<void(KvBatch&)>& work) const {
    const auto engine = must(open_engine());
    const auto batch = must(engine->begin());
    work(*batch);
    must(batch->commit());
  }
  void write_file(const std::string& name, const std::string& bytes) const {
    std::ofstream(fs::path(path_) / name, std::ios::binary) << bytes;
  }
};

TEST_F(RocksdbOpen, MakesAPrivateDirectoryAndFindsEverythingInItAgain) {
  {
    auto store = must(open());
    must(append(*store, 1));
  }
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  EXPECT_TRUE(has(*must(open()), 1));
}

TEST_F(RocksdbOpen, IsSilentAndKeepsItsOwnLogShort) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (int i = 0; i < 8; ++i) must(append(*must(open()), i + 1));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  int logs = 0;
  for (const auto& name : files()) logs += name.starts_with("LOG") ? 1 : 0;
  EXPECT_LE(logs, 3);
  EXPECT_LE(files(".log").size(), 2U) << "old write-ahead logs stay";
}

TEST_F(RocksdbOpen, RefusesPathsThatCannotBeADirectory) {
  const auto refused = [this](const std::string& path, Code code, const std::string& words) {
    const auto result = open_rocksdb_store(path, options_);
    EXPECT_TRUE(refuses(result, code, words)) << path;
    if (!result) {
      EXPECT_EQ(result.error().field, "url") << path;
    }
  };
  const std::string file = (directory_ / "file").string();
  std::ofstream(file) << "text";
  refused("", Code::invalid_argument, "empty");
  refused(std::string("a\0b", 3), Code::invalid_argument, "zero");
  refused(file, Code::invalid_argument, "is not a directory");
  refused((directory_ / "none" / "chat").string(), Code::not_found,
          "no directory " + (directory_ / "none").string());
}

TEST_F(RocksdbOpen, RefusesADirectoryOfOtherFilesAndLeavesItAlone) {
  fs::create_directory(path_);
  write_file("holiday.jpg", "sand");
  EXPECT_TRUE(refuses(open(), Code::conflict, "holiday.jpg"));
  EXPECT_THAT(files(), testing::ElementsAre("holiday.jpg"));
}

TEST_F(RocksdbOpen, DoesNotBeginAnewWhereADatabaseHasLostItsRoot) {
  must(append(*must(open()), 1));
  fs::remove(fs::path(path_) / "CURRENT");
  EXPECT_TRUE(refuses(open(), Code::conflict, "but no database"));
}

TEST_F(RocksdbOpen, RefusesTheDatabaseOfAnotherProgram) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path_, &opened).ok());
  std::unique_ptr<rocksdb::DB> database(opened);
  ASSERT_TRUE(database->Put({}, "bookmark", "https://example.org").ok());
  database.reset();
  EXPECT_TRUE(refuses(open(), Code::conflict, "of another program"));

  ASSERT_TRUE(rocksdb::DB::Open(options, path_, &opened).ok());
  database.reset(opened);
  rocksdb::ColumnFamilyHandle* family = nullptr;
  ASSERT_TRUE(database->CreateColumnFamily({}, "bookmarks", &family).ok());
  ASSERT_TRUE(database->DestroyColumnFamilyHandle(family).ok());
  database.reset();
  EXPECT_TRUE(refuses(open(), Code::conflict, "column family bookmarks"));
}

TEST_F(RocksdbOpen, RefusesAnotherLayoutAndALostOne) {
  must(open());
  change([](KvBatch& batch) { must(batch.put(kv::meta_key("layout"), kv::encode_number(10))); });
  EXPECT_TRUE(refuses(open(), Code::conflict, "number 10"));
  change([](KvBatch& batch) { must(batch.put(kv::meta_key("layout"), kv::encode_number(1))); });
  EXPECT_TRUE(refuses(open(), Code::conflict, "number 1"));
  change([](KvBatch& batch) { must(batch.erase(kv::meta_key("layout"))); });
  EXPECT_TRUE(refuses(open(), Code::corrupt, "layout"));
}

TEST_F(RocksdbOpen, ADamagedIdentityIsNotReplacedByANewOne) {
  must(append(*must(open()), 1));
  change([](KvBatch& batch) { must(batch.put(kv::meta_key("identity"), "\x10short")); });
  EXPECT_TRUE(refuses(open(), Code::corrupt, "identity"));
  change([](KvBatch& batch) { must(batch.erase(kv::meta_key("identity"))); });
  EXPECT_TRUE(refuses(open(), Code::corrupt, "identity"));
}

TEST_F(RocksdbOpen, ADamagedValueIsCorruptAndTheRestCanBeRead) {
  {
    auto store = must(open());
    for (std::int64_t seq = 1; seq <= 3; ++seq) must(append(*store, seq));
  }
  change([](KvBatch& batch) {
    const std::string key = kv::message_key(message(2).id.conversation, Seq{2});
    std::string value;
    must(batch.get(key, value));
    value[value.size() / 2] ^= 0x20;
    must(batch.put(key, value));
  });
  auto store = must(open());
  auto snapshot = must(store->snapshot());
  EXPECT_TRUE(refuses(snapshot->find_message(message(2).id), Code::corrupt, "4000-2"));
  EXPECT_TRUE(has(*store, 1));
  EXPECT_TRUE(has(*store, 3));
}

TEST_F(RocksdbOpen, ADamagedFileIsCorrupt) {
  must(append(*must(open()), 1, 8'000));
  must(open());  // what was in the log is in a table now
  ASSERT_FALSE(files(".sst").empty());
  for (const auto& name : files(".sst")) {
    std::fstream file(fs::path(path_) / name, std::ios::in | std::ios::out | std::ios::binary);
    for (int at = 0; at < 200; at += 7) file.seekp(at).put('\x55');
  }
  const auto store = open();
  if (!store) {
    EXPECT_EQ(store.error().code, Code::corrupt) << store.error().detail;
  } else {
    const auto found = must((*store)->snapshot())->find_message(message(1).id);
    EXPECT_TRUE(refuses(found, Code::corrupt, path_));
  }
}

TEST_F(RocksdbOpen, AMissingOrMeaninglessFileIsCorrupt) {
  must(append(*must(open()), 1));
  must(open());
  for (const auto& name : files(".sst")) fs::remove(fs::path(path_) / name);
  EXPECT_TRUE(refuses(open(), Code::corrupt, "No such file"));
  write_file("CURRENT", "MANIFEST-123456\n");
  EXPECT_TRUE(refuses(open(), Code::corrupt, "MANIFEST-123456"));
  write_file("CURRENT", "Dear diary");
  EXPECT_TRUE(refuses(open(), Code::corrupt, path_));
}

TEST_F(RocksdbOpen, KeepsAnotherStoreOfThisProcessOut) {
  auto store = must(open());
  const std::string words = path_ + " is open in process " + std::to_string(::getpid());
  EXPECT_TRUE(refuses(open(), Code::conflict, words));
  fs::create_directory_symlink(path_, directory_ / "link");
  EXPECT_TRUE(
      refuses(open_rocksdb_store((directory_ / "link").string(), options_), Code::conflict, words));
  EXPECT_TRUE(refuses(open_rocksdb_store(path_ + "/", options_), Code::conflict, words));
  must(append(*store, 1));  // The first owner is not disturbed.
  store.reset();
  EXPECT_TRUE(has(*must(open()), 1));
}

TEST_F(RocksdbOpen, KeepsOtherProcessesOutAndNamesTheOwner) {
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = open();
    if (!store || ::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(refuses(open(), Code::conflict, "is open in process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  EXPECT_TRUE(open()) << "the lock ends with its process";
}

TEST_F(RocksdbOpen, SurvivesBeingKilledWhileItIsMade) {
  for (int us = 100; us < 60'000; us += us / 8 + 400) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGALRM, SIG_DFL);
      const itimerval when{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = us}};
      ::setitimer(ITIMER_REAL, &when, nullptr);
      (void)open();
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    auto store = open();
    ASSERT_TRUE(store) << us << " us: " << store.error().detail;
    must(append(**store, 1));
    store->reset();
    ASSERT_TRUE(has(*must(open()), 1)) << us;
    fs::remove_all(path_);
  }
}

}  // namespace
}  // namespace msg::test
