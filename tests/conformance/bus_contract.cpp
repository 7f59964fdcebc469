// SPDX-License-Identifier: Apache-2.0
// What every bus does: it carries hints, and may lose them. Against real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>

#include "msg/bus.h"
#include "support/helper_process.h"

namespace msg::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A kind of bus, and the server behind it if there is one.
class Place {
 public:
  explicit Place(const std::string& kind) : kind_(kind), port_(std::to_string(free_port())) {
    if (kind == "nats") {
      server_ = std::make_unique<HelperProcess>(std::vector<std::string>{
          "nats-server", "-a", "127.0.0.1", "-p", port_, "--user", "u ser", "--pass", "p@ss"});
    } else if (kind == "redis") {
      server_ = std::make_unique<HelperProcess>(
          std::vector<std::string>{"redis-server", "--bind", "127.0.0.1", "--port", port_, "--save",
                                   "", "--requirepass", "p@ss"});
    }
  }

  std::string url() const {
    if (kind_ == "memory") return "memory:" + port_;
    return kind_ + "://" + (kind_ == "nats" ? "u%20ser" : "") + ":p%40ss@127.0.0.1:" + port_;
  }
  HelperProcess* server() { return server_.get(); }

 private:
  std::string kind_;
  std::string port_;
  std::unique_ptr<HelperProcess> server_;
};

/// What came, and a way to wait for it.
class Inbox {
 public:
  Bus::Handler handler() {
    return [this](std::string_view payload) {
      const std::scoped_lock lock(mutex_);
      all_.emplace_back(payload);
      some_.notify_all();
    };
  }
  bool wait_for(const std::string& payload, milliseconds longest = seconds(20)) {
    std::unique_lock lock(mutex_);
    return some_.wait_for(lock, longest,
                          [&] { return std::ranges::find(all_, payload) != all_.end(); });
  }
  std::vector<std::string> all() {
    const std::scoped_lock lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<std::string> all_;
};

class BusContract : public testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<Bus> open() {
    BusOptions options;
    options.timeout = seconds(1);
    options.reconnect_max = milliseconds(100);
    auto bus = open_bus(place_.url(), options);
    if (!bus) throw std::runtime_error(bus.error().detail);
    return *std::move(bus);
  }

  /// Publishes until one comes: both ends have a connection then.
  static void connect(Bus& from, Inbox& to, const std::string& channel = "c") {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    for (int i = 0; std::chrono::steady_clock::now() < deadline; ++i) {
      const auto payload = "hello " + std::to_string(i);
      from.publish(channel, payload);
      if (to.wait_for(payload, milliseconds(50))) return;
    }
    throw std::runtime_error("no connection");
  }

  Place place_{GetParam()};
};

TEST_P(BusContract, CarriesAnyBytesToAllWhoListen) {
  Inbox at_a;
  Inbox at_b;
  const auto a = open();
  const auto b = open();
  a->listen("c", at_a.handler());
  b->listen("c", at_b.handler());
  connect(*a, at_b);
  connect(*b, at_a);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  a->publish("c", bytes);
  EXPECT_TRUE(at_b.wait_for(bytes));
  EXPECT_TRUE(at_a.wait_for(bytes)) << "this process too";
  const std::string large(kBusPayloadMax, 'x');
  a->publish("c", large);
  EXPECT_TRUE(at_b.wait_for(large));
  EXPECT_TRUE(a->state().connected);
  EXPECT_GT(b->state().received, 0U);
}

TEST_P(BusContract, OneSendersHintsComeInOrder) {
  Inbox inbox;
  const auto a = open();
  const auto b = open();
  b->listen("c", inbox.handler());
  connect(*a, inbox);
  const auto before = inbox.all().size();
  std::vector<std::string> sent;
  for (int i = 0; i < 1000; ++i) sent.push_back(std::to_string(i));
  for (const auto& payload : sent) a->publish("c", payload);
  ASSERT_TRUE(inbox.wait_for("999"));
  const auto all = inbox.all();
  EXPECT_TRUE(std::ranges::equal(std::span(all).subspan(before), sent));
}

TEST_P(BusContract, ChannelsAreApartAndEnd) {
  Inbox one;
  Inbox two;
  const auto a = open();
  const auto b = open();
  b->listen("one", one.handler());
  b->listen("two", two.handler());
  connect(*a, one, "one");
  connect(*a, two, "two");
  b->stop_listening("one");
  a->publish("one", "to nobody");
  a->publish("two", "to two");
  EXPECT_TRUE(two.wait_for("to two"));
  EXPECT_FALSE(one.wait_for("to nobody", milliseconds(0)));
  EXPECT_FALSE(two.wait_for("to nobody", milliseconds(0)));
}

/// Publishing never waits, whatever has become of the other end, and all goes on once it is back.
TEST_P(BusContract, OutlivesItsServer) {
  if (place_.server() == nullptr) return;
  place_.server()->stop();
  Inbox inbox;
  const auto a = open();
  const auto b = open();
  b->listen("c", inbox.handler());
  a->publish("c", "lost, or late");
  EXPECT_FALSE(a->state().connected);
  place_.server()->start();
  connect(*a, inbox);
  place_.server()->stop();
  place_.server()->start();
  connect(*a, inbox);
  place_.server()->freeze();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) a->publish("c", std::string(200'000, 'x'));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10));
  place_.server()->thaw();
  connect(*a, inbox);
}

TEST_P(BusContract, OpensAndEndsWithoutAServer) {
  if (place_.server() == nullptr) return;
  place_.server()->stop();
  const auto bus = open();
  EXPECT_FALSE(bus->state().connected);
}

INSTANTIATE_TEST_SUITE_P(Buses, BusContract, testing::Values("memory", "nats", "redis"),
                         [](const auto& test) { return std::string(test.param); });

TEST(BusUrl, SaysWhatIsWrong) {
  for (const char* const url :
       {"", "nats", "nats://", "nats://:4222", "nats://host:0", "nats://host:65536",
        "nats://host:x", "nats://[::1", "nats://u%2:p@host", "nats://host/a.b", "nats://host/",
        "redis://host/a b", "rediss://host", "http://host", "kafka://host"}) {
    const auto bus = open_bus(url);
    ASSERT_FALSE(bus) << url;
    EXPECT_EQ(bus.error().code, Code::invalid_argument) << url;
    EXPECT_EQ(bus.error().field, "bus") << url;
  }
  const auto wrong = open_bus("nats://user:secret@host:x");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().detail.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace msg::test
