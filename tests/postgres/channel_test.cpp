// SPDX-License-Identifier: Apache-2.0
#include "msg/channel.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "msg/bus.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresChannel : public Postgres {
 protected:
  std::shared_ptr<Bus> bus() { return must(open_bus("memory:" + place_)); }
};

/// What a program says on a channel of its own, and what is heard there.
class Heard {
 public:
  void take(std::string_view payload) {
    const std::scoped_lock lock(mutex_);
    all_.emplace_back(payload);
    news_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::chrono::seconds(20), [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<std::string> all_;
};

TEST_F(PostgresChannel, IsHeardByOthersOnceAndByNobodyElse) {
  const auto first = open_node(1, bus(), std::chrono::hours(1));
  const auto second = open_node(2, bus(), std::chrono::hours(1));
  Heard at_a;
  Heard at_b;
  Heard elsewhere;
  Heard raw;
  const auto spy = bus();
  spy->listen("program-words", [&](std::string_view bytes) { raw.take(bytes); });
  Channel a(*first, "words", [&](std::string_view payload) { at_a.take(payload); });
  const Channel b(*second, "words", [&](std::string_view payload) { at_b.take(payload); });
  const Channel other(*second, "other", [&](std::string_view payload) { elsewhere.take(payload); });
  a.say("one");
  ASSERT_EQ(at_b.wait_for(1), std::vector<std::string>{"one"});
  const std::string said = raw.wait_for(1).at(0);
  spy->publish("program-words", said);  // played back
  spy->publish("program-other", said);
  for (std::size_t i = 0; i < said.size(); ++i) {
    std::string forged = said;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    spy->publish("program-words", forged);
  }
  a.say(std::string(kChannelPayloadMax + 1, 'x'));
  a.say("two");
  EXPECT_EQ(at_b.wait_for(2), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(at_a.wait_for(0).empty()) << "its own words";
  EXPECT_TRUE(elsewhere.wait_for(0).empty());
}

}  // namespace
}  // namespace msg::test
