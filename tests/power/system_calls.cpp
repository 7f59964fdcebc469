// SPDX-License-Identifier: Apache-2.0
// The library's own steps on a disk, outside of SQLite and RocksDB: it makes a database under
// another name, syncs it and gives it its name, makes and syncs directories. The linker leads these
// calls here (--wrap in CMakeLists.txt), for our own code only.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "power/disk.h"

namespace {

struct Place {
  msg::power::Disk* disk;
  std::string path;
};

Place place_of(int descriptor) {
  std::error_code error;
  auto path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error).string();
  return {error ? nullptr : msg::power::Disk::of(path), std::move(path)};
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
extern "C" {

int __real_open(const char* path, int flags, ...);
int __real_fsync(int descriptor);
ssize_t __real_pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset);
int __real_rename(const char* from, const char* to);
int __real_mkdir(const char* path, mode_t mode);
int __wrap_open(const char* path, int flags, ...);
int __wrap_fsync(int descriptor);
ssize_t __wrap_pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset);
int __wrap_rename(const char* from, const char* to);
int __wrap_mkdir(const char* path, mode_t mode);

int __wrap_open(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{0};
  va_end(more);
  using msg::power::Disk;
  using msg::power::Step;
  Disk* const disk = (flags & O_CREAT) != 0 ? Disk::of(path) : nullptr;
  const bool is_new = disk != nullptr && ::access(path, F_OK) != 0;
  if (is_new) {
    if (const int error = disk->refuses(Step::Kind::create)) {
      errno = error;
      return -1;
    }
  }
  const int descriptor = __real_open(path, flags, mode);
  if (descriptor >= 0 && is_new) disk->open(path, true);
  return descriptor;
}

ssize_t __wrap_pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  const auto [disk, path] = place_of(descriptor);
  // A lock holds the number of its process, for people, and no two runs have the same.
  if (disk == nullptr || path.ends_with(".lock")) {
    return __real_pwrite(descriptor, bytes, size, offset);
  }
  if (const int error = disk->refuses(msg::power::Step::Kind::write)) {
    errno = error;
    return -1;
  }
  const ssize_t written = __real_pwrite(descriptor, bytes, size, offset);
  if (written > 0) {
    disk->write(disk->open(path), static_cast<std::uint64_t>(offset),
                {static_cast<const char*>(bytes), static_cast<std::size_t>(written)});
  }
  return written;
}

int __wrap_fsync(int descriptor) {
  const auto [disk, path] = place_of(descriptor);
  if (disk == nullptr) return __real_fsync(descriptor);
  const bool done = std::filesystem::is_directory(path) ? disk->sync_directory(path)
                                                        : disk->sync(disk->open(path), path);
  if (!done) errno = EIO;
  return done ? 0 : -1;
}

int __wrap_rename(const char* from, const char* to) {
  using msg::power::Disk;
  using msg::power::Step;
  Disk* const disk = Disk::of(to);
  if (disk != nullptr) {
    if (const int error = disk->refuses(Step::Kind::rename)) {
      errno = error;
      return -1;
    }
  }
  const int result = __real_rename(from, to);
  if (result == 0 && disk != nullptr) disk->rename(from, to);
  return result;
}

int __wrap_mkdir(const char* path, mode_t mode) {
  const int result = __real_mkdir(path, mode);
  msg::power::Disk* const disk = msg::power::Disk::of(path);
  if (result == 0 && disk != nullptr) disk->make_directory(path);
  return result;
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
