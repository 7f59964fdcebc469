// SPDX-License-Identifier: Apache-2.0
#include "net/slow_crowd.h"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/server_process.h"

namespace msg::bench {
namespace {

constexpr auto kTick = std::chrono::milliseconds(10);
constexpr std::size_t kTicksBetweenBytes = 100;

class SlowPeer {
 public:
  SlowPeer(std::uint16_t port, bool reads) : port_(port), reads_(reads) { come(); }
  ~SlowPeer() { ::close(descriptor_); }
  SlowPeer(SlowPeer&& other) noexcept
      : port_(other.port_),
        reads_(other.reads_),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  SlowPeer& operator=(SlowPeer&&) = delete;

  /// One more byte; again from the beginning where the server has had enough.
  void go_on() {
    std::array<char, 512> answer;
    const bool was_told = reads_ && ::recv(descriptor_, answer.data(), answer.size(), kQuiet) >= 0;
    const bool is_cut = ::send(descriptor_, "a", 1, kQuiet) < 0 && errno != EAGAIN;
    if (was_told || is_cut) come();
  }

 private:
  static constexpr int kQuiet = MSG_NOSIGNAL | MSG_DONTWAIT;

  void come() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!reads_) {
      const int little = 4096;
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API
    const auto* target = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(descriptor_, target, sizeof address) != 0) give_up("connect");
    std::string request = "GET /healthz HTTP/1.1\r\nHost: t\r\nX-Slow: ";
    if (!reads_) {
      request.clear();
      for (int i = 0; i < 100; ++i) request += "GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n";
    }
    ::send(descriptor_, request.data(), request.size(), kQuiet);
  }

  std::uint16_t port_;
  bool reads_;
  int descriptor_{-1};
};

[[noreturn]] void misbehave(std::uint16_t port, int count, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<SlowPeer> peers;
  peers.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) peers.emplace_back(port, i % 2 == 0);
  if (::write(ready, "r", 1) != 1) std::_Exit(1);
  for (std::size_t tick = 0;; ++tick) {
    for (std::size_t i = tick % kTicksBetweenBytes; i < peers.size(); i += kTicksBetweenBytes) {
      peers[i].go_on();
    }
    std::this_thread::sleep_for(kTick);
  }
}

}  // namespace

SlowCrowd::SlowCrowd(std::uint16_t port, int count) {
  int ends[2];
  if (::pipe(ends) != 0) give_up("pipe");
  process_ = ::fork();
  if (process_ < 0) give_up("fork");
  if (process_ == 0) misbehave(port, count, ends[1]);
  ::close(ends[1]);
  char ready = 0;
  if (::read(ends[0], &ready, 1) != 1) give_up("the slow crowd did not come");
  ::close(ends[0]);
}

SlowCrowd::~SlowCrowd() {
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace msg::bench
