// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "msg/status.h"

namespace msg::sqlite {

/// What errno says, about a path that the caller named.
inline std::unexpected<Error> system_error(const std::string& path) {
  return fail(Code::unavailable, path + ": " + std::generic_category().message(errno), "url");
}

/// An open file, closed at the end; negative when it did not open.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : value_(::open(path.c_str(), flags, 0600)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

/// Of a file or a directory.
inline Result<void> sync(const std::string& path) {
  const Descriptor file(path, O_RDONLY | O_CLOEXEC);
  if (file.value() < 0 || ::fsync(file.value()) != 0) return system_error(path);
  return {};
}

}  // namespace msg::sqlite
