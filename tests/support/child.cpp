// SPDX-License-Identifier: Apache-2.0
#include "support/child.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace msg::test {

pid_t start_child(std::vector<std::string> command, const std::filesystem::path& log,
                  int signal_at_our_end, const passwd* user) {
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string folder = log.parent_path();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  setsid();  // Ctrl-C is for the tests, which then end it
  const bool ready = user == nullptr || (setgroups(0, nullptr) == 0 && setgid(user->pw_gid) == 0 &&
                                         setuid(user->pw_uid) == 0);
  prctl(PR_SET_PDEATHSIG, signal_at_our_end);
  if (ready && chdir(folder.c_str()) == 0 && getppid() == parent) {
    execv(arguments[0], arguments.data());
  }
  _exit(127);
}

}  // namespace msg::test
