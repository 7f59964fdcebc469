// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace msg::sqlite {
namespace {

std::string owner_of(int descriptor) {
  std::array<char, 16> text{};
  const auto size = ::pread(descriptor, text.data(), text.size(), 0);
  const std::string_view read(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto digits = read.substr(0, read.find_first_not_of("0123456789"));
  // The owner may hold the lock and not have written its number yet.
  return digits.empty() ? "another process" : "process " + std::string(digits);
}

}  // namespace

// flock, not fcntl: it belongs to the open file, so that it also keeps a second store of this
// process out, and nothing the process opens or closes elsewhere lets it go.
Result<FileLock> FileLock::acquire(const std::string& lock_path, const std::string& what) {
  const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return fail(Code::unavailable, lock_path + ": " + std::generic_category().message(errno),
                "url");
  }
  FileLock lock(descriptor);
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return fail(Code::conflict, what + " is open in " + owner_of(descriptor), "url");
    }
    return fail(Code::unavailable, lock_path + ": " + std::generic_category().message(errno),
                "url");
  }
  // The number is only for people: a failure to write it changes nothing.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(descriptor, pid.data(), pid.size(), 0);
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace msg::sqlite
