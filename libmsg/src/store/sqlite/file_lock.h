// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "msg/status.h"

namespace msg::sqlite {

/// An exclusive lock by name of a file, held until destroyed or until the process ends, however it
/// ends. The file holds the owner's process number as text and stays behind, empty of meaning:
/// removing it could give two owners the same name.
class FileLock {
 public:
  /// conflict: taken, by another process or by this one; `what` names the thing in the sentence.
  static Result<FileLock> acquire(const std::string& lock_path, const std::string& what);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace msg::sqlite
