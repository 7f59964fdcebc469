// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace msg::rocks {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> system_error(const std::string& path) {
  return fail(Code::unavailable, path + ": " + std::generic_category().message(errno), "url");
}

Result<void> sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error(path);
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (result != 0) return system_error(path);
  return {};
}

/// Names that RocksDB gives to files before it writes CURRENT, which makes a database of them.
bool is_of_a_creation(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"LOCK", "IDENTITY", "LOG"};
  constexpr std::array<std::string_view, 3> kBeginnings = {"LOG.old.", "MANIFEST-", "OPTIONS-"};
  return std::ranges::find(kNames, name) != kNames.end() || name.ends_with(".dbtmp") ||
         std::ranges::any_of(kBeginnings, [name](auto text) { return name.starts_with(text); });
}

}  // namespace

Result<std::string> resolve_directory(std::string_view path) {
  if (path.empty()) return fail(Code::invalid_argument, "the path is empty", "url");
  if (path.contains('\0')) return fail(Code::invalid_argument, "the path holds a zero", "url");
  std::error_code error;
  fs::path full = fs::weakly_canonical(fs::absolute(fs::path(path), error), error);
  if (error) return fail(Code::invalid_argument, std::string(path) + ": " + error.message(), "url");
  if (!full.has_filename()) full = full.parent_path();  // "chat/" is "chat"
  const fs::file_status status = fs::status(full, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return fail(Code::invalid_argument, full.string() + " is not a directory", "url");
  }
  if (!fs::is_directory(full.parent_path(), error)) {
    return fail(Code::not_found, "there is no directory " + full.parent_path().string(), "url");
  }
  return full.string();
}

Result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_error(path);
  // Also when it is there: whoever made it may have been killed before this.
  return sync_directory(fs::path(path).parent_path().string());
}

Result<bool> has_database(const std::string& path) {
  std::error_code error;
  std::string foreign;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == "CURRENT") return true;
    if (!is_of_a_creation(name)) foreign = name;
  }
  if (error) return fail(Code::unavailable, path + ": " + error.message(), "url");
  if (foreign.empty()) return false;
  return fail(Code::conflict, path + " has files, as " + foreign + ", but no database", "url");
}

std::string lock_owner(const std::string& path) {
  const int descriptor = ::open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return "another process";
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const int result = ::fcntl(descriptor, F_GETLK, &lock);
  ::close(descriptor);
  if (result != 0 || lock.l_type == F_UNLCK || lock.l_pid <= 0) return "another process";
  return "process " + std::to_string(lock.l_pid);
}

}  // namespace msg::rocks
