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
#include <sstream>
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

double cpu_seconds_of(pid_t process) {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string text;
    // After "PID (NAME) ", the name with anything in it: state, parent, nine others, four times.
    if (!std::getline(file, text) || text.find(") ") == std::string::npos) continue;
    std::istringstream fields(text.substr(text.rfind(") ") + 2));
    std::string skipped;
    pid_t parent = 0;
    fields >> skipped >> parent;
    const bool is_itself = std::atoi(text.c_str()) == process;
    if (!is_itself && parent != process) continue;
    for (int i = 0; i < 9; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    double user_of_ended = 0;
    double system_of_ended = 0;
    fields >> user >> system >> user_of_ended >> system_of_ended;
    ticks += user + system + (is_itself ? user_of_ended + system_of_ended : 0);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
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
