// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace msg::bench {

/// A server that a benchmark speaks to, in a process of its own, found beside the benchmark's
/// program. It listens on any free port and says which in a line of its log.
/// What it complains of goes to standard error.
class ServerProcess {
 public:
  ServerProcess(const std::string& program, const std::vector<std::string>& options);
  ~ServerProcess();  ///< Stops it.
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What the process has used so far, all threads.
  [[nodiscard]] double cpu_seconds() const;
  /// Physical memory that is its own (proportional set size).
  [[nodiscard]] std::int64_t memory_bytes() const;
  /// What the allocator has mapped of it: everything that is not the program's own files.
  [[nodiscard]] std::int64_t anonymous_bytes() const;

 private:
  [[nodiscard]] std::int64_t rolled_up(const std::string& name) const;

  pid_t process_{-1};
  clockid_t cpu_clock_{};
  std::uint16_t port_{0};
};

/// msgd over that store, with room for one benchmark's traffic: other limits are the defaults.
std::vector<std::string> msgd_options(const std::string& url,
                                      const std::vector<std::string>& more = {});

/// Says what failed and ends the program.
[[noreturn]] void give_up(const char* what);

}  // namespace msg::bench
