// SPDX-License-Identifier: Apache-2.0
#include "support/redis_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <stdexcept>

namespace msg::test {
namespace {

/// A connection that speaks as much RESP as tests need.
class Link {
 public:
  explicit Link(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_up_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Link() { close(socket_); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool is_up() const { return is_up_; }

  void send(const std::vector<std::string>& words) const {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words)
      text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    for (std::size_t at = 0; at < text.size();) {
      const auto sent = ::send(socket_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("Redis is gone");
      at += static_cast<std::size_t>(sent);
    }
  }

  std::vector<std::string> answer() {
    const std::string head = line();
    const std::string rest = head.substr(1);
    switch (head[0]) {
      case '*': {
        std::vector<std::string> all;
        for (int i = std::stoi(rest); i > 0; --i) {
          for (auto& part : answer()) all.push_back(std::move(part));
        }
        return all;
      }
      case '$': {
        if (rest == "-1") return {};
        const auto size = std::stoul(rest);
        fill(size + 2);
        std::string text = bytes_.substr(0, size);
        bytes_.erase(0, size + 2);
        return {text};
      }
      case '-':
        throw std::runtime_error(rest);
      default:
        return {rest};
    }
  }

 private:
  std::string line() {
    std::size_t end = 0;
    while ((end = bytes_.find("\r\n")) == std::string::npos) fill(bytes_.size() + 1);
    std::string text = bytes_.substr(0, end);
    bytes_.erase(0, end + 2);
    return text;
  }
  void fill(std::size_t size) {
    while (bytes_.size() < size) {
      std::string more(65536, '\0');
      const auto got = ::recv(socket_, more.data(), more.size(), 0);
      if (got <= 0) throw std::runtime_error("Redis is gone");
      bytes_.append(more, 0, static_cast<std::size_t>(got));
    }
  }

  int socket_;
  bool is_up_{false};
  std::string bytes_;
};

}  // namespace

RedisServer::RedisServer()
    : port_(free_port()),
      process_({"redis-server", "--bind", "127.0.0.1", "--port", std::to_string(port_), "--save",
                "", "--requirepass", "p@ss"}) {}

std::vector<std::string> RedisServer::command(const std::vector<std::string>& words) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (true) {
    if (Link link(port_); link.is_up()) {
      link.send({"AUTH", "p@ss"});
      link.answer();
      link.send(words);
      return link.answer();
    }
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("no Redis");
    const timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace msg::test
