// SPDX-License-Identifier: Apache-2.0
// RocksEngine::open: whose directory it is, who else has it, whether it can be read.
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "store/rocksdb/directory.h"
#include "store/rocksdb/rocks_engine.h"
#include "store/rocksdb/status.h"

namespace msg::rocks {
namespace {

Error open_error(const rocksdb::Status& status, const std::string& path) {
  Error error = error_of(status, path);
  error.field = "url";
  // The database names files that are gone.
  if (status.IsNotFound() || status.IsPathNotFound()) error.code = Code::corrupt;
  return error;
}

/// RocksDB has one status for all that can go wrong with its lock; the words tell them apart.
std::optional<Error> lock_error(const rocksdb::Status& status, const std::string& path) {
  const std::string words = status.ToString();
  std::string owner;
  if (words.contains("lock hold by current process")) {
    owner = "process " + std::to_string(::getpid());
  } else if (words.contains("While lock file")) {
    owner = lock_owner(path);
  } else {
    return std::nullopt;
  }
  return Error{.code = Code::conflict, .detail = path + " is open in " + owner, .field = "url"};
}

/// Holds the lock while we look around; RocksDB takes it anew when it opens.
class LockProbe {
 public:
  static Result<LockProbe> acquire(rocksdb::Env& env, const std::string& path) {
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status status = env.LockFile(path + "/LOCK", &lock);
    if (status.ok()) return LockProbe(env, lock);
    if (auto taken = lock_error(status, path)) return std::unexpected(*std::move(taken));
    return std::unexpected(open_error(status, path));
  }
  LockProbe(LockProbe&& other) noexcept
      : env_(other.env_), lock_(std::exchange(other.lock_, nullptr)) {}
  LockProbe& operator=(LockProbe&&) = delete;
  ~LockProbe() {
    if (lock_ != nullptr) env_.UnlockFile(lock_).PermitUncheckedError();
  }

 private:
  LockProbe(rocksdb::Env& env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  rocksdb::Env& env_;
  rocksdb::FileLock* lock_;
};

/// A database without all families is one whose creation was cut short, and then empty, or not
/// ours.
Result<void> require_empty(const rocksdb::DBOptions& options, const std::string& path) {
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(rocksdb::Options(options, {}), path, &opened);
  const std::unique_ptr<rocksdb::DB> database(opened);
  if (!status.ok()) return std::unexpected(open_error(status, path));
  const std::unique_ptr<rocksdb::Iterator> first(database->NewIterator({}));
  first->SeekToFirst();
  if (!first->status().ok()) return std::unexpected(open_error(first->status(), path));
  if (!first->Valid()) return {};
  return fail(Code::conflict, path + " is the RocksDB database of another program", "url");
}

Result<void> require_ours(const rocksdb::DBOptions& options, const std::string& path) {
  std::vector<std::string> present;
  const auto status = rocksdb::DB::ListColumnFamilies(options, path, &present);
  if (!status.ok()) return std::unexpected(open_error(status, path));
  for (const std::string& name : present) {
    if (std::ranges::find(kFamilyNames, name) != kFamilyNames.end()) continue;
    std::string detail = path;
    detail += " has a column family " + name +
              " that this library does not know: it is another program's, or of a newer libmsg";
    return fail(Code::conflict, std::move(detail), "url");
  }
  if (present.size() < kFamilies) return require_empty(options, path);
  return {};
}

}  // namespace

Result<std::unique_ptr<RocksEngine>> RocksEngine::open(const std::string& path,
                                                       const Config& config) {
  auto health = std::make_shared<Health>(config.log);
  Settings settings = make_settings(config.budget, config.env);
  {
    MSG_TRY(const bool exists, has_database(path));
    MSG_TRY(const LockProbe lock, LockProbe::acquire(*settings.database.env, path));
    if (exists) {
      rocksdb::DBOptions reading = settings.database;
      reading.create_if_missing = false;
      MSG_CHECK(require_ours(reading, path));
    }
  }
  settings.database.listeners.push_back(health);
  std::unique_ptr<RocksEngine> engine(new RocksEngine(path, std::move(health), settings));
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(settings.database, path, settings.families, &engine->handles_, &opened);
  engine->database_.reset(opened);
  if (status.ok()) return engine;
  if (auto taken = lock_error(status, path)) return std::unexpected(*std::move(taken));
  return std::unexpected(open_error(status, path));
}

}  // namespace msg::rocks
