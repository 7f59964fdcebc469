// SPDX-License-Identifier: Apache-2.0
// Opens the stores of this program. msg::open() finds this open_store() in the place of the
// library's, which an archive gives up to whoever has one of his own.
#include "power/stores.h"

#include <memory>
#include <utility>
#include <vector>

#include "power/disk.h"
#include "power/planted.h"
#include "power/rocksdb_files.h"
#include "power/sqlite_vfs.h"
#include "store/kv/kv_store.h"
#include "store/rocksdb/directory.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/rocksdb_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"

namespace msg {
namespace power {
namespace {

constexpr int kCheckpointPages = 16;

rocksdb::DB* database = nullptr;
Planted planted = Planted::nothing;

/// As open_rocksdb_store(), on files that are watched.
Result<std::unique_ptr<Store>> open_watched_rocksdb(std::string_view path, const Options& options,
                                                    Purpose purpose) {
  static const auto env = make_watched_env();
  MSG_TRY(const rocks::Budget budget, rocks::budget_of(options));
  MSG_TRY(const std::string directory, rocks::resolve_directory(path));
  MSG_CHECK(rocks::make_directory(directory));
  MSG_TRY(auto engine, rocks::RocksEngine::open(
                           directory, {.budget = budget, .log = options.log, .env = env.get()}));
  database = &engine->database();
  return kv::open_kv_store(std::move(engine), purpose);
}

Result<std::unique_ptr<Store>> open_any(std::string_view url, const Options& options,
                                        Purpose purpose) {
  const std::string_view path = url.substr(url.find(':') + 1);
  if (url.starts_with("sqlite:")) {
    watch_sqlite();
    return open_sqlite_store(path, options, purpose, kCheckpointPages);
  }
  if (Disk::of(path) != nullptr) return open_watched_rocksdb(path, options, purpose);
  return open_rocksdb_store(path, options, purpose);
}

}  // namespace

std::string_view to_string(Kind kind) {
  return kind == Kind::sqlite ? "sqlite" : "rocksdb";
}

std::string url_of(Kind kind, const std::string& root) {
  return std::string(to_string(kind)) + ":" + root + "/chat";
}

std::string appended_in_order(Kind kind) {
  return kind == Kind::rocksdb ? "MANIFEST-" : "";
}

void write_back(Kind kind) {
  if (kind == Kind::sqlite) return;
  // Its way to flush all families at once.
  std::vector<std::string> files;
  std::uint64_t manifest_size = 0;
  database->GetLiveFiles(files, &manifest_size, true).PermitUncheckedError();
}

void plant(Planted mistake) {
  planted = mistake;
}

}  // namespace power

Result<std::unique_ptr<Store>> open_store(std::string_view url, const Options& options,
                                          Purpose purpose) {
  MSG_TRY(auto store, power::open_any(url, options, purpose));
  return power::with_mistake(power::planted, std::move(store));
}

}  // namespace msg
