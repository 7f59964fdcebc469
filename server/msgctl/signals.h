// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace msgctl {

/// The signals that end a program, and those of the terminal, as something to read. Blocks them for
/// the calling thread and those it starts, until it is destroyed.
///
/// Thread safety: none.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_; }
  /// The numbers of those that came.
  std::vector<int> take();

 private:
  int fd_;
};

}  // namespace msgctl
