// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace msg::test {

/// A port that was free a moment ago.
int free_port();

/// A server from Debian that a test needs: it is gone with the process that started it. Its output
/// goes to a file in a folder of its own.
class HelperProcess {
 public:
  /// The program's name, looked for in PATH and /usr/sbin, and its arguments.
  explicit HelperProcess(std::vector<std::string> command);
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  /// Kills it. start() begins anew.
  void stop();
  void start();
  /// SIGSTOP and SIGCONT: it is there and answers nothing.
  void freeze();
  void thaw();
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  std::vector<std::string> command_;
  std::filesystem::path directory_;
  pid_t process_{-1};
};

}  // namespace msg::test
