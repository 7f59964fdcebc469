// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "store/sqlite/sqlite_store.h"
#include "unit/store_results.h"

namespace msg::test {

/// A directory of its own, a path in it, and SQLite without the library in between.
class SqliteFixture : public testing::Test {
 public:
  ~SqliteFixture() override { std::filesystem::remove_all(directory_); }

 protected:
  SqliteFixture() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-sqlite-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = std::filesystem::canonical(path);
    path_ = (directory_ / "chat.db").string();
  }

  Result<std::unique_ptr<Store>> open() const { return open_sqlite_store(path_, options_); }

  /// Runs SQL on the file and returns the last column of its rows, one a line.
  static std::string sql(const std::string& path, const std::string& script) {
    sqlite3* handle = nullptr;
    std::string text;
    auto take = [](void* into, int columns, char** values, char**) {
      const char* value = values[columns - 1];
      auto& lines = *static_cast<std::string*>(into);
      lines += (lines.empty() ? "" : "\n") + std::string(value == nullptr ? "NULL" : value);
      return 0;
    };
    char* problem = nullptr;
    sqlite3_open(path.c_str(), &handle);
    if (sqlite3_exec(handle, script.c_str(), take, &text, &problem) != SQLITE_OK) {
      text = std::string("error: ") + problem;
    }
    sqlite3_free(problem);
    sqlite3_close(handle);
    return text;
  }

  static std::string bytes_of(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }

  static Message message(std::int64_t seq, std::size_t bytes = 10) {
    Message made;
    made.id = {.conversation = ConversationId{4'000}, .seq = Seq{seq}};
    made.sender = UserId{11};
    made.content = std::string(bytes, 'm');
    made.version = Version{(1'800'000'000'000 + seq) << 16};
    made.client_id = "key-" + std::to_string(seq);
    return made;
  }
  static Result<void> append(Store& store, std::int64_t seq, std::size_t bytes = 10) {
    MSG_TRY(auto transaction, store.begin());
    const Message made = message(seq, bytes);
    MSG_CHECK(transaction->append_message(made, {{}, made.id.seq}));
    return transaction->commit(made.version);
  }
  static bool has(Store& store, std::int64_t seq) {
    return must(must(store.snapshot())->find_message(message(seq).id)).has_value();
  }

  std::filesystem::path directory_;
  std::string path_;
  Options options_;
};

}  // namespace msg::test
