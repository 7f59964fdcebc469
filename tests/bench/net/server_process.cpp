// SPDX-License-Identifier: Apache-2.0
#include "net/server_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace msg::bench {
namespace {

/// The log, line by line; closes it at the end.
class Log {
 public:
  explicit Log(int descriptor) : file_(::fdopen(descriptor, "r")) {}
  ~Log() {
    std::fclose(file_);
    std::free(line_);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// nullptr at the end.
  const char* next() { return ::getline(&line_, &capacity_, file_) < 0 ? nullptr : line_; }

 private:
  std::FILE* file_;
  char* line_{nullptr};
  std::size_t capacity_{0};
};

std::uint16_t find_port(Log& log) {
  constexpr const char* mark = "\"port\":";
  while (const char* line = log.next()) {
    const char* port = std::strstr(line, mark);
    if (port != nullptr) return static_cast<std::uint16_t>(std::atoi(port + std::strlen(mark)));
    std::fputs(line, stderr);
  }
  give_up("the server did not start");
}

/// What the server complains of; the rest is read so that the pipe does not fill up.
void pass_on_complaints(Log& log) {
  while (const char* line = log.next()) {
    if (std::strstr(line, "\"level\":\"info\"") == nullptr) std::fputs(line, stderr);
  }
}

}  // namespace

ServerProcess::ServerProcess(const std::string& program, const std::vector<std::string>& options) {
  const auto file = std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
  std::vector<std::string> words{file.string()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) give_up("pipe");
  process_ = ::fork();
  if (process_ < 0) give_up("fork");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(file.c_str(), arguments.data());
    std::_Exit(127);
  }
  ::close(ends[1]);
  auto log = std::make_unique<Log>(ends[0]);
  port_ = find_port(*log);
  std::thread([log = std::move(log)] { pass_on_complaints(*log); }).detach();
  if (::clock_getcpuclockid(process_, &cpu_clock_) != 0) give_up("clock_getcpuclockid");
}

ServerProcess::~ServerProcess() {
  ::kill(process_, SIGTERM);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

double ServerProcess::cpu_seconds() const {
  timespec time{};
  ::clock_gettime(cpu_clock_, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::int64_t ServerProcess::memory_bytes() const {
  return rolled_up("Pss:");
}

std::int64_t ServerProcess::anonymous_bytes() const {
  return rolled_up("Anonymous:");
}

std::int64_t ServerProcess::rolled_up(const std::string& name) const {
  std::ifstream lines("/proc/" + std::to_string(process_) + "/smaps_rollup");
  std::string word;
  for (std::string rest; lines >> word; std::getline(lines, rest)) {
    std::int64_t kibibytes = 0;
    if (word == name && lines >> kibibytes) return kibibytes * 1024;
  }
  give_up("smaps_rollup");
}

std::vector<std::string> msgd_options(const std::string& url,
                                      const std::vector<std::string>& more) {
  std::vector<std::string> options{"--store",
                                   url,
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--log-format",
                                   "json",
                                   "--no-rate-limits",
                                   "--ws-frames-per-second-max",
                                   "1000000",
                                   "--requests-per-connection-max",
                                   "1000000000",
                                   "--drain-timeout-ms",
                                   "100"};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

void give_up(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::generic_category().message(errno).c_str());
  std::_Exit(1);
}

}  // namespace msg::bench
