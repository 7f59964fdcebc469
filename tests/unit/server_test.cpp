// SPDX-License-Identifier: Apache-2.0
//
// The server in process: what handlers are promised. What peers may send is tested from outside, in
// tests/e2e/test_http_guard.py.
#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unit/server_fixture.h"

namespace msgd {
namespace {

using namespace std::chrono_literals;

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
      "HEAD /a%2Bb//../c?x=1%262&y=a+b&&z&x=%2B HTTP/1.1\r\nHost: t\r\nX-Some: \t v \r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.path, "/a+b//../c");
  const std::vector<std::pair<std::string, std::string>> query = {
      {"x", "1&2"}, {"y", "a b"}, {"z", ""}, {"x", "+"}};
  EXPECT_EQ(seen.query, query);
  EXPECT_EQ(seen.header("x-some"), "v");
  EXPECT_EQ(to_text(seen.peer), "127.0.0.1");
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

}  // namespace
}  // namespace msgd
