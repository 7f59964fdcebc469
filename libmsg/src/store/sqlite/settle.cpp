// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/settle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "store/sqlite/descriptor.h"

namespace msg::sqlite {
namespace {

namespace fs = std::filesystem;

/// Only what is written again is written at all: pages that a failed fsync has left count as clean.
Result<void> write_again(const Descriptor& file, const std::string& path) {
  std::vector<char> bytes(std::size_t{1} << 20);
  for (off_t offset = 0;;) {
    const auto size = ::pread(file.value(), bytes.data(), bytes.size(), offset);
    if (size == 0) return {};
    if (size < 0 ||
        ::pwrite(file.value(), bytes.data(), static_cast<std::size_t>(size), offset) != size) {
      return system_error(path);
    }
    offset += size;
  }
}

}  // namespace

Result<void> settle(const std::string& path, Connection& guard) {
  const std::string log = path + "-wal";
  std::error_code error;
  if (const auto size = fs::file_size(log, error); !error && size > 0) {
    // SQLite's write lock keeps other programs, a shell perhaps, from writing in between.
    MSG_CHECK(guard.begin(Sql::begin_write));
    const Descriptor file(log, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file.value() < 0) return system_error(log);
    MSG_CHECK(write_again(file, log));
    if (::fsync(file.value()) != 0) return system_error(log);
    guard.rollback();
  }
  // Whoever made the database may have been killed before this.
  return sync(fs::path(path).parent_path().string());
}

}  // namespace msg::sqlite
