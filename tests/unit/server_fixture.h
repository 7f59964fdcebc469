// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/server.h"

namespace msgd {

inline constexpr std::chrono::seconds kPatience{20};
inline constexpr const char* kUpgrade =
    "GET / HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A client that blocks, with a deadline.
class Client {
 public:
  enum class Refusal { fails, is_fine };
  explicit Client(const BoundAddress& server, int receive_buffer = 0,
                  Refusal refusal = Refusal::fails) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer != 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    ::inet_pton(AF_INET, server.address.c_str(), &address.sin_addr);
    const int result = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    EXPECT_TRUE(result == 0 || refusal == Refusal::is_fine);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& bytes) const {
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  std::string get(const std::string& path) {
    send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
    std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    return head + read(std::stoul(head.substr(at + 16)));
  }
  void upgrade() {
    send(kUpgrade);
    EXPECT_TRUE(read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  }
  /// A text of under 126 bytes, masked with zeros.
  void send_text(const std::string& text) const {
    const std::string zeros(4, '\0');
    send("\x81" + std::string(1, static_cast<char>(0x80 | text.size())) + zeros + text);
  }
  std::string read(std::size_t size) {
    while (pending_.size() < size && fill()) {
    }
    return cut(std::min(size, pending_.size()));
  }
  std::string read_until(const std::string& mark) {
    while (pending_.find(mark) == std::string::npos && fill()) {
    }
    const std::size_t at = pending_.find(mark);
    return at == std::string::npos ? "" : cut(at + mark.size());
  }
  /// Nothing more comes, and the connection was not reset.
  bool ends_cleanly() {
    char byte = 0;
    return pending_.empty() && ::recv(fd_, &byte, 1, 0) == 0;
  }
  std::string read_to_end() {
    while (fill()) {
    }
    return cut(pending_.size());
  }

 private:
  bool fill() {
    std::array<char, 16384> buffer{};
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) pending_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  std::string cut(std::size_t size) {
    std::string out = pending_.substr(0, size);
    pending_.erase(0, size);
    return out;
  }

  int fd_{-1};
  std::string pending_;
};

/// Counts what happens, and lets a test wait for it.
class Counter {
 public:
  void add(int n = 1) {
    const std::lock_guard lock(mutex_);
    count_ += n;
    changed_.notify_all();
  }
  bool reaches(int n) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= n; });
  }
  int value() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_{0};
};

/// What the tests see of their endpoints.
struct Room {
  Counter opened;
  Counter closed;
  Counter drained;
  std::function<void(WsTransport&, std::string_view)> on_text =
      [](WsTransport& to, std::string_view text) { to.send(make_text_frame(text)); };
  /// Empty: closes at once.
  std::function<void(WsTransport&, std::chrono::milliseconds)> on_shutdown;
  std::mutex mutex;
  std::vector<std::shared_ptr<WsTransport>> transports;  // kept beyond their connections

  std::shared_ptr<WsTransport> transport(std::size_t number = 0) {
    EXPECT_TRUE(opened.reaches(static_cast<int>(number) + 1));
    const std::lock_guard lock(mutex);
    return transports.at(number);
  }
};

class Endpoint final : public WsEndpoint {
 public:
  Endpoint(Room& room, std::shared_ptr<WsTransport> transport)
      : room_(room), transport_(std::move(transport)) {}
  void on_text(std::string_view text) override { room_.on_text(*transport_, text); }
  void on_drained() override { room_.drained.add(); }
  void on_shutdown(std::chrono::milliseconds delay) override {
    if (room_.on_shutdown) return room_.on_shutdown(*transport_, delay);
    transport_->close(1012, restart_reason(delay));
  }
  void on_closed() override { room_.closed.add(); }

 private:
  Room& room_;
  std::shared_ptr<WsTransport> transport_;  // the cycle that the session must undo
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options_.port = 0;
    options_.io_threads = 2;
  }

  void start() {
    server_ = std::make_unique<Server>(
        options_,
        [this](Request request, Responder respond) {
          handler_(std::move(request), std::move(respond));
        },
        [this](const Request&, std::shared_ptr<WsTransport> transport) {
          {
            const std::lock_guard lock(room_.mutex);
            room_.transports.push_back(transport);
          }
          room_.opened.add();
          return std::make_unique<Endpoint>(room_, std::move(transport));
        });
    const auto bound = server_->start();
    ASSERT_TRUE(bound) << bound.error();
    bound_ = *bound;
  }

  ServerOptions options_;
  RequestHandler handler_ = [](Request request, Responder respond) {
    respond({.status = 200,
             .body = request.method + " " + request.path,
             .content_type = "text/plain",
             .headers = {}});
  };
  Room room_;
  std::unique_ptr<Server> server_;
  BoundAddress bound_;
};

}  // namespace msgd
