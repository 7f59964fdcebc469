// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_store.h"

#include <string>

#include "store/kv/kv_store.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/rocks_engine.h"

namespace msg {

Result<std::unique_ptr<Store>> open_rocksdb_store(std::string_view path, const Options& options) {
  MSG_TRY(const rocks::Budget budget, rocks::budget_of(options));
  MSG_TRY(const std::string directory, rocks::resolve_directory(path));
  MSG_CHECK(rocks::make_directory(directory));
  MSG_TRY(auto engine, rocks::RocksEngine::open(directory, {.budget = budget, .log = options.log}));
  return kv::open_kv_store(std::move(engine));
}

}  // namespace msg
