// SPDX-License-Identifier: Apache-2.0
//
// The server in process: what handlers and endpoints are promised. What peers may send is tested
// from outside, in tests/e2e/test_http_guard.py and test_ws_guard.py.
#include "net/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace msgd {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;
constexpr const char* kUpgrade =
    "GET / HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A client that blocks, with a deadline.
class Client {
 public:
  explicit Client(const BoundAddress& server, int receive_buffer = 0) {
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
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
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
  void on_closed() override { room_.closed.add(); }

 private:
  Room& room_;
  std::shared_ptr<WsTransport> transport_;  // the cycle that the session must undo
};

/// Sends until the outbox stays full: a peer that reads nothing. Returns how many were taken.
int fill(WsTransport& to, const SharedFrame& frame) {
  int taken = 0;
  for (int refused = 0; refused < 20; ++refused) {
    while (to.send(frame)) {
      ++taken;
      refused = 0;
    }
    std::this_thread::sleep_for(5ms);  // for the I/O thread to hand the kernel what it takes
  }
  return taken;
}

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

TEST_F(ServerTest, AnswersFromAnyThread) {
  std::vector<std::jthread> workers;
  handler_ = [&](Request request, Responder respond) {
    workers.emplace_back(
        [respond, path = request.path] { respond({.status = 200, .body = path}); });
  };
  options_.io_threads = 1;
  start();
  Client client(bound_);
  for (int i = 0; i < 20; ++i) {
    const std::string path = "/" + std::to_string(i);
    EXPECT_TRUE(client.get(path).ends_with("\r\n\r\n" + path));
  }
}

TEST_F(ServerTest, HandsOverTheRequestDecoded) {
  Request seen;
  handler_ = [&](Request request, Responder respond) {
    seen = std::move(request);
    respond({.status = 204});
  };
  start();
  Client client(bound_);
  client.send(
      "HEAD /a%2Fb//../c?x=1%262&y=a+b&&z&x=%2B HTTP/1.1\r\nHost: t\r\nX-Some: \t v \r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.path, "/a/b//../c");
  const std::vector<std::pair<std::string, std::string>> query = {
      {"x", "1&2"}, {"y", "a b"}, {"z", ""}, {"x", "+"}};
  EXPECT_EQ(seen.query, query);
  EXPECT_EQ(seen.header("x-some"), "v");
  EXPECT_EQ(seen.peer, "127.0.0.1");
  EXPECT_TRUE(seen.peer_is_loopback);
}

TEST_F(ServerTest, AnswersOnceAndFor500WhenTheHandlerFails) {
  handler_ = [](Request request, Responder respond) {
    if (request.path == "/drop") return;
    if (request.path == "/throw") throw std::runtime_error("as it may");
    respond({.status = 200, .body = "first"});
    respond({.status = 200, .body = "second"});
  };
  start();
  Client client(bound_);
  EXPECT_NE(client.get("/twice").find("first"), std::string::npos);
  EXPECT_TRUE(client.get("/drop").starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(client.get("/throw").starts_with("HTTP/1.1 500 "));
  EXPECT_NE(client.get("/twice").find("first"), std::string::npos);
  EXPECT_EQ(server_->stats().in_flight, 0u);
}

TEST_F(ServerTest, NoHeaderOfAResponseBeginsAnotherLine) {
  handler_ = [](Request, Responder respond) {
    respond({.status = 200, .headers = {{"X-A", "b\r\nX-Evil: c"}, {"Bad\r\nName", "d"}}});
  };
  start();
  Client client(bound_);
  const std::string answer = client.get("/");
  EXPECT_NE(answer.find("X-A: b  X-Evil: c\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Name"), std::string::npos);
}

TEST_F(ServerTest, RefusesFastWhenTooManyAreInFlight) {
  options_.in_flight_max = 2;
  std::mutex mutex;
  std::vector<Responder> waiting;
  Counter arrived;
  handler_ = [&](Request, Responder respond) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(respond));
    arrived.add();
  };
  start();
  Client first(bound_);
  Client second(bound_);
  for (const Client* client : {&first, &second}) client->send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(arrived.reaches(2));
  Client third(bound_);
  const std::string refused = third.get("/");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
  for (const Responder& respond : waiting) respond({.status = 200});
  EXPECT_TRUE(first.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(server_->stats().overloaded, 1u);
}

TEST_F(ServerTest, ResponderAndTransportAreHarmlessAfterTheEnd) {
  Responder kept;
  Counter arrived;
  handler_ = [&](Request, Responder respond) {
    kept = std::move(respond);
    arrived.add();
  };
  start();
  Client http(bound_);
  http.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(arrived.reaches(1));
  Client ws(bound_);
  ws.upgrade();
  const auto transport = room_.transport();
  server_->stop();
  EXPECT_EQ(room_.closed.value(), 1);
  server_.reset();
  kept({.status = 200});
  kept = nullptr;
  EXPECT_FALSE(transport->send(make_text_frame("late")));
  EXPECT_FALSE(transport->send_ephemeral(make_text_frame("late")));
  transport->close(1000, "late");
  transport->post([] { FAIL(); });
}

TEST_F(ServerTest, DrainAnswersWhatIsInFlightAndEndsTheRest) {
  std::mutex mutex;
  Responder kept;
  Counter arrived;
  handler_ = [&](Request, Responder respond) {
    const std::lock_guard lock(mutex);
    kept = std::move(respond);
    arrived.add();
  };
  start();
  Client idle(bound_);
  Client busy(bound_);
  busy.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(arrived.reaches(1));
  server_->begin_drain();
  EXPECT_TRUE(server_->draining());
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(server_->wait_drained(50ms));
  kept({.status = 200, .body = "done"});
  const std::string answer = busy.read_to_end();
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("done"));
}

TEST_F(ServerTest, EndpointSeesTextThenDrainedThenClosedOnce) {
  start();
  {
    Client client(bound_);
    client.upgrade();
    client.send_text("hello");
    EXPECT_EQ(client.read(7), "\x81\x05hello");
    EXPECT_TRUE(room_.drained.reaches(1));
    EXPECT_EQ(room_.closed.value(), 0);
  }
  EXPECT_TRUE(room_.closed.reaches(1));
  EXPECT_FALSE(room_.transport()->send(make_text_frame("late")));
  server_->stop();
  EXPECT_EQ(room_.closed.value(), 1);
  EXPECT_EQ(server_->stats().websockets, 0u);
}

TEST_F(ServerTest, SendsInOrderFromManyThreads) {
  options_.outbox_frames_max = 1'000'000;
  options_.outbox_bytes_max = 1 << 30;
  start();
  Client client(bound_);
  client.upgrade();
  const auto transport = room_.transport();
  constexpr int each = 2000;
  {
    std::vector<std::jthread> writers;
    for (char name = 'a'; name < 'e'; ++name) {
      writers.emplace_back([&, name] {
        for (int i = 0; i < each; ++i) {
          std::string text = std::to_string(i);
          text.insert(text.begin(), 5 - text.size(), '0');
          EXPECT_TRUE(transport->send(make_text_frame(name + text)));
        }
      });
    }
  }
  std::array<int, 4> next{};
  for (int i = 0; i < 4 * each; ++i) {
    const std::string frame = client.read(8);
    ASSERT_EQ(frame.substr(0, 2), "\x81\x06");
    ASSERT_EQ(std::stoi(frame.substr(3)), next.at(static_cast<std::size_t>(frame[2] - 'a'))++);
  }
}

TEST_F(ServerTest, OutboxIsBoundedAndTakesAgainWhenItIsRead) {
  options_.outbox_frames_max = 8;
  start();
  Client client(bound_, 4096);
  client.upgrade();
  const auto transport = room_.transport();
  const SharedFrame big = make_text_frame(std::string(256 * 1024, 'x'));
  const int taken = fill(*transport, big);
  EXPECT_GE(taken, 3);
  EXPECT_LT(taken, 200);  // the kernel's buffers and at most 1 MiB of ours
  EXPECT_FALSE(transport->send_ephemeral(make_text_frame("typing")));
  const int drained = room_.drained.value();
  for (int i = 0; i < taken; ++i) ASSERT_EQ(client.read(big->size()).size(), big->size());
  EXPECT_TRUE(room_.drained.reaches(drained + 1));
  EXPECT_TRUE(transport->send_ephemeral(make_text_frame("typing")));
  EXPECT_EQ(client.read(8), "\x81\x06typing");
}

TEST_F(ServerTest, OneFrameMayWaitHoweverBig) {
  options_.outbox_bytes_max = 1024;
  start();
  Client client(bound_);
  client.upgrade();
  const SharedFrame big = make_text_frame(std::string(1 << 20, 'x'));
  EXPECT_TRUE(room_.transport()->send(big));
  EXPECT_EQ(client.read(big->size()), *big);
}

TEST_F(ServerTest, PeerThatDoesNotReadIsDropped) {
  options_.write_timeout = 300ms;
  start();
  Client client(bound_, 4096);
  client.upgrade();
  const auto transport = room_.transport();
  fill(*transport, make_text_frame(std::string(256 * 1024, 'x')));
  EXPECT_TRUE(room_.closed.reaches(1));
}

TEST_F(ServerTest, CloseSendsWhatIsQueuedFirst) {
  room_.on_text = [](WsTransport& to, std::string_view) {
    EXPECT_TRUE(to.send(make_text_frame("last words")));
    to.close(4401, "revoked");
    to.close(1000, "not this");
    EXPECT_FALSE(to.send(make_text_frame("too late")));
  };
  start();
  Client client(bound_);
  client.upgrade();
  client.send_text("x");
  EXPECT_EQ(client.read(12), "\x81\x0Alast words");
  EXPECT_EQ(client.read(11), "\x88\x09\x11\x31revoked");
}

TEST_F(ServerTest, EndpointThatThrowsIsClosedWith1011AndHarmsNobody) {
  room_.on_text = [](WsTransport&, std::string_view) { throw std::runtime_error("as it may"); };
  start();
  Client other(bound_);
  other.upgrade();
  Client client(bound_);
  client.upgrade();
  client.send_text("x");
  EXPECT_EQ(client.read(4).substr(2), "\x03\xF3");
  EXPECT_EQ(server_->stats().websockets, 2u);
  Client http(bound_);
  EXPECT_TRUE(http.get("/").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, PostedWorkRunsBetweenTheEndpointsCalls) {
  start();
  Client client(bound_);
  client.upgrade();
  const auto transport = room_.transport();
  Counter ran;
  for (int i = 0; i < 100; ++i) transport->post([&] { ran.add(); });
  transport->post([] { throw std::runtime_error("as it may"); });
  EXPECT_TRUE(ran.reaches(100));
  EXPECT_EQ(client.read(4).substr(2), "\x03\xF3");
}

TEST_F(ServerTest, ManyComeAndGoWhileItStops) {
  for (int round = 0; round < 5; ++round) {
    start();
    std::atomic<bool> going{true};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (going) {
          Client client(bound_);
          client.send(kUpgrade);
          client.send_text("hi");
          client.read_until("hi");
        }
      });
    }
    threads.emplace_back([&] {
      while (going) {
        std::vector<std::shared_ptr<WsTransport>> all;
        {
          const std::lock_guard lock(room_.mutex);
          all = room_.transports;
        }
        for (const auto& transport : all) transport->send(make_text_frame("to all"));
      }
    });
    EXPECT_TRUE(room_.opened.reaches(100 * (round + 1)));
    if (round % 2 == 0) server_->begin_drain();
    going = false;  // clients that are refused a connection would fail the test
    threads.clear();
    server_->stop();
    EXPECT_EQ(room_.closed.value(), room_.opened.value());
    room_.transports.clear();
    server_.reset();
  }
}

}  // namespace
}  // namespace msgd
