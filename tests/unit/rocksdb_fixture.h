// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/kv/kv_store.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/rocksdb_store.h"
#include "unit/store_results.h"

namespace msg::test {

/// A directory of its own, and a place in it for a database.
class RocksdbFixture : public testing::Test {
 public:
  ~RocksdbFixture() override { std::filesystem::remove_all(directory_); }

 protected:
  RocksdbFixture() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-rocksdb-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = std::filesystem::canonical(path);
    path_ = (directory_ / "chat").string();
    options_.profile = Profile::phone;
  }

  Result<std::unique_ptr<Store>> open() const { return open_rocksdb_store(path_, options_); }

  /// The engine below a store, on files that may fail.
  Result<std::unique_ptr<rocks::RocksEngine>> open_engine(rocksdb::Env* env = nullptr) const {
    MSG_TRY(const rocks::Budget budget, rocks::budget_of(options_));
    std::filesystem::create_directory(path_);
    return rocks::RocksEngine::open(path_, {.budget = budget, .log = options_.log, .env = env});
  }
  Result<std::unique_ptr<Store>> open_on(rocksdb::Env* env) const {
    MSG_TRY(auto engine, open_engine(env));
    return kv::open_kv_store(std::move(engine));
  }

  /// The names of the database's files that end in `suffix`.
  std::vector<std::string> files(std::string_view suffix = {}) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(suffix)) names.push_back(name);
    }
    return names;
  }

  static Message message(std::int64_t seq, std::size_t bytes = 10) {
    Message made;
    made.id = {.conversation = ConversationId{4'000}, .seq = Seq{seq}};
    made.sender = UserId{11};
    made.content = std::string(bytes, 'm');
    made.version = Version{(1'800'000'000'000 + seq) << 16};
    made.created_at = time_of(made.version);
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
