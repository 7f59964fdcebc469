// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "unit/live_fixture.h"

namespace msgd::test {
namespace {

std::string text_of_id(msg::UserId id) {
  return std::to_string(msg::to_int(id));
}

/// Says hello, and asks for the presence of one user; the state in the reply.
std::string watch(FakeTransport& peer, msg::UserId user) {
  peer.read();
  EXPECT_EQ(event_of(peer.read()), "live");
  peer.say(R"({"id":2,"op":"presence","user_ids":[")" + text_of_id(user) + R"("]})");
  const auto reply = peer.read();
  const auto& users = reply->at("result").as_object().at("users").as_array();
  return string_at(users.at(0).as_object(), "state");
}

std::string state_in(const std::optional<json::object>& event) {
  EXPECT_EQ(event_of(event), "presence");
  return string_at(event->at("users").as_array().at(0).as_object(), "state");
}

TEST(LivePresence, ASessionIsADeviceUntilItsConnectionIsGone) {
  LiveWorld world;
  const auto bob = world.hello(world.bob());
  EXPECT_EQ(watch(*bob, world.alice()), "offline");
  const auto alice = world.hello(world.alice());
  alice->read();
  EXPECT_EQ(event_of(alice->read()), "live");
  world.presence().flush();
  EXPECT_EQ(state_in(bob->read()), "online");
  alice->say(R"({"id":2,"op":"away","away":true})");
  alice->read();
  world.presence().flush();
  EXPECT_EQ(state_in(bob->read()), "away");
  alice->disconnect();
  world.presence().flush();
  EXPECT_EQ(state_in(bob->read()), "offline");
  bob->disconnect();
}

TEST(LivePresence, IsTheFirstToBeGivenUpAndToldLater) {
  LiveWorld world;
  const auto bob = world.hello(world.bob(), {}, 4);
  EXPECT_EQ(watch(*bob, world.alice()), "offline");
  for (int i = 0; i < 3; ++i) world.send(world.alice(), "m");
  bob->wait_until_queued(3);
  const auto alice = world.hello(world.alice());
  alice->read();
  EXPECT_EQ(event_of(alice->read()), "live");
  world.presence().flush();
  EXPECT_EQ(bob->queued(), 3U) << "half full: presence waits, messages do not";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(event_of(bob->read()), "message");
  // That there is room again is noticed on the connection's own thread.
  while (bob->queued() == 0) world.presence().flush();
  EXPECT_EQ(state_in(bob->read()), "online");
  alice->disconnect();
  bob->disconnect();
}

TEST(LivePresence, EndsWithTheSession) {
  LiveWorld world;
  const auto bob = world.hello(world.bob());
  watch(*bob, world.alice());
  bob->disconnect();
  const auto alice = world.hello(world.alice());
  alice->read();
  alice->read();
  world.presence().flush();
  alice->disconnect();
  EXPECT_EQ(bob->queued(), 0U);
}

}  // namespace
}  // namespace msgd::test
