// SPDX-License-Identifier: Apache-2.0
#include "resources.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "figures.h"

namespace msg::bench {
namespace {

/// The number behind `name` in a file of lines "name number".
std::int64_t number_in(const char* file, const std::string& name) {
  std::ifstream lines(file);
  std::string word;
  for (std::string rest; lines >> word; std::getline(lines, rest)) {
    std::int64_t number = 0;
    if (word == name && lines >> number) return number;
  }
  return 0;
}

}  // namespace

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t written_bytes() {
  return number_in("/proc/self/io", "wchar:");
}

std::int64_t resident_bytes() {
  return number_in("/proc/self/status", "VmRSS:") * 1024;
}

std::int64_t resident_peak_bytes() {
  return number_in("/proc/self/status", "VmHWM:") * 1024;
}

double disk_sync_us() {
  std::string name = (std::filesystem::temp_directory_path() / "msg-sync-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  if (file < 0) return 0;
  ::unlink(name.c_str());
  const std::array<char, 4096> bytes{};
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) break;
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  ::close(file);
  return percentile(std::move(times), 0.5);
}

void settle() {
  using namespace std::chrono_literals;
  for (int attempt = 0; attempt < 120; ++attempt) {
    const double before = cpu_seconds();
    std::this_thread::sleep_for(500ms);
    if (cpu_seconds() - before < 0.025) return;
  }
}

}  // namespace msg::bench
