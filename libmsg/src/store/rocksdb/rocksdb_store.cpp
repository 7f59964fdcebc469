// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_store.h"

#include <filesystem>
#include <string>

#include "store/kv/kv_store.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/rocks_engine.h"

namespace msg {

Result<std::unique_ptr<Store>> open_rocksdb_store(std::string_view path, const Options& options,
                                                  Purpose purpose) {
  MSG_TRY(const rocks::Budget budget, rocks::budget_of(options));
  MSG_TRY(const std::string directory, rocks::resolve_directory(path));
  if (purpose == Purpose::inspect) {
    if (!std::filesystem::is_directory(directory)) return no_store_there(directory);
    MSG_TRY(const bool exists, rocks::has_database(directory));
    if (!exists) return no_store_there(directory);
  }
  MSG_CHECK(rocks::make_directory(directory));
  MSG_TRY(auto engine, rocks::RocksEngine::open(directory, {.budget = budget, .log = options.log}));
  return kv::open_kv_store(std::move(engine), purpose);
}

}  // namespace msg
