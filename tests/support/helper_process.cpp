// SPDX-License-Identifier: Apache-2.0
#include "support/helper_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "support/child.h"

namespace msg::test {
namespace {

std::string find_program(const std::string& name) {
  for (const char* const folder : {"/usr/bin/", "/usr/sbin/", "/usr/local/bin/"}) {
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  throw std::runtime_error(name + " is not installed");
}

}  // namespace

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

HelperProcess::HelperProcess(std::vector<std::string> command) : command_(std::move(command)) {
  command_.at(0) = find_program(command_[0]);
  std::string path = (std::filesystem::temp_directory_path() / "msg-helper-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  directory_ = path;
  start();
}

HelperProcess::~HelperProcess() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void HelperProcess::start() {
  process_ = start_child(command_, directory_ / "log", SIGKILL);
}

void HelperProcess::stop() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void HelperProcess::freeze() {
  kill(process_, SIGSTOP);
}

void HelperProcess::thaw() {
  kill(process_, SIGCONT);
}

}  // namespace msg::test
