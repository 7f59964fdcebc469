// SPDX-License-Identifier: Apache-2.0
//
// The server in process: what endpoints are promised. What peers may send is tested from outside,
// in tests/e2e/test_ws_guard.py.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "unit/server_fixture.h"

namespace msgd {
namespace {

using namespace std::chrono_literals;

/// Sends until the outbox stays full: a peer that reads nothing. Returns how many were taken.
int fill(WsTransport& to, const SharedFrame& frame) {
  int taken = 0;
  for (int refused = 0; refused < 20; ++refused) {
    while (to.send(frame)) {
      ++taken;
      refused = 0;
    }
    Counter turn;  // of the I/O thread, which hands the kernel what it takes
    to.post([&] { turn.add(); });
    turn.reaches(1);
  }
  return taken;
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

TEST_F(ServerTest, BytesBehindTheClosesDoNotResetTheConnection) {
  const std::string close_1000("\x88\x82\0\0\0\0\x03\xE8", 8);
  const std::string trailing(200'000, 'x');
  start();
  {
    Client client(bound_);
    client.upgrade();
    client.send(close_1000 + trailing);
    EXPECT_EQ(client.read(4), "\x88\x02\x03\xE8");
    EXPECT_TRUE(client.ends_cleanly());
  }
  EXPECT_TRUE(room_.closed.reaches(1));
  Client client(bound_);
  client.upgrade();
  room_.transport(1)->close(4000, "");
  EXPECT_EQ(client.read(4), "\x88\x02\x0F\xA0");
  client.send(close_1000 + trailing);
  EXPECT_TRUE(client.ends_cleanly());
}

TEST_F(ServerTest, PeerThatClosedButStaysIsDropped) {
  options_.ws_close_timeout = 300ms;
  start();
  Client client(bound_);
  client.upgrade();
  client.send(std::string("\x88\x80\0\0\0\0", 6));
  EXPECT_EQ(client.read(2), std::string("\x88\0", 2));
  EXPECT_TRUE(room_.closed.reaches(1));
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

TEST_F(ServerTest, DrainWaitsForAnEndpointThatHasSomethingToFinish) {
  Counter told;
  room_.on_shutdown = [&](WsTransport&, std::chrono::milliseconds) { told.add(); };
  start();
  Client client(bound_);
  client.upgrade();
  const auto transport = room_.transport();
  server_->begin_drain();
  ASSERT_TRUE(told.reaches(1));
  client.send_text("still here");
  EXPECT_EQ(client.read(12), "\x81\x0Astill here");
  EXPECT_TRUE(transport->send(make_text_frame("last")));
  transport->close(1012, restart_reason(5ms));
  EXPECT_EQ(client.read(6), "\x81\x04last");
  EXPECT_EQ(client.read(20), "\x88\x12\x03\xF4retry_after_ms=5");
}

TEST_F(ServerTest, DrainClosesWhoeverDoesNotComeToAnEnd) {
  room_.on_shutdown = [](WsTransport&, std::chrono::milliseconds) {};
  options_.drain_timeout = 400ms;
  options_.drain_window = 0ms;
  options_.ws_close_timeout = 100ms;
  start();
  Client client(bound_);
  client.upgrade();
  room_.transport();
  server_->begin_drain();
  EXPECT_EQ(client.read(20), "\x88\x12\x03\xF4retry_after_ms=0");
  EXPECT_TRUE(server_->wait_drained(kPatience));
}

TEST_F(ServerTest, DrainEndsManyOneAfterTheOtherAndFewAtOnce) {
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> turns;
  room_.on_shutdown = [&](WsTransport& transport, std::chrono::milliseconds delay) {
    const std::lock_guard lock(mutex);
    turns.push_back(std::chrono::steady_clock::now());
    EXPECT_LE(delay, options_.drain_window);
    transport.close(1012, restart_reason(delay));
  };
  options_.drain_spread = 1s;
  start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Client>(bound_));
    clients.back()->upgrade();
  }
  server_->begin_drain();
  for (const auto& client : clients) EXPECT_EQ(client->read(2).substr(0, 1), "\x88");
  clients.clear();
  EXPECT_TRUE(server_->wait_drained(kPatience));
  ASSERT_EQ(turns.size(), 200U);
  const auto [first, last] = std::ranges::minmax(turns);
  EXPECT_GE(last - first, 400ms);
  EXPECT_LE(last - first, 5s);
}

TEST_F(ServerTest, ManyComeAndGoWhileItStops) {
  for (int round = 0; round < 5; ++round) {
    start();
    std::atomic<bool> going{true};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (going) {
          Client client(bound_, 0, Client::Refusal::is_fine);  // it stops when it likes
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
    going = false;
    threads.clear();
    server_->stop();
    EXPECT_EQ(room_.closed.value(), room_.opened.value());
    room_.transports.clear();
    server_.reset();
  }
}

}  // namespace
}  // namespace msgd
