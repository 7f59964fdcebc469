// SPDX-License-Identifier: Apache-2.0
//
// The event stream: what a WebSocket is told, told in lines.
#include <gtest/gtest.h>

#include "unit/live_fixture.h"

namespace msgd::test {
namespace {

struct StreamEvent {
  std::string name;
  std::string id;
  json::object data;
};

/// One event as a reader of the HTML standard takes it apart.
StreamEvent read_event(FakeTransport& peer) {
  const auto frame = peer.read_frame();
  if (!frame) return {.name = "nothing", .id = {}, .data = {}};
  StreamEvent event;
  EXPECT_TRUE(frame->ends_with("\n\n"));
  std::size_t begin = 0;
  while (begin < frame->size()) {
    const auto end = frame->find('\n', begin);
    const auto line = std::string_view(*frame).substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("event: ")) event.name = line.substr(7);
    if (line.starts_with("id: ")) event.id = line.substr(4);
    if (line.starts_with("data: ")) event.data = json::parse(line.substr(6)).as_object();
  }
  return event;
}

TEST(EventStream, TellsWhatIsNewWithTheCursorAsItsId) {
  LiveWorld world;
  world.send(world.bob(), "before");
  const auto alice = world.stream(world.alice());
  const auto live = read_event(*alice);
  EXPECT_EQ(live.name, "live");
  EXPECT_EQ(live.id, string_at(live.data, "cursor"));
  world.send(world.bob(), "a line\nand another");
  const auto message = read_event(*alice);
  EXPECT_EQ(message.name, "message");
  EXPECT_EQ(message.id, string_at(message.data, "cursor"));
  EXPECT_EQ(string_at(message.data.at("message").as_object(), "content"), "a line\nand another");
  alice->disconnect();
}

TEST(EventStream, GoesOnFromACursorOfAWebSocketAndBack) {
  LiveWorld world;
  const auto socket = world.hello(world.alice());
  socket->read();
  const auto cursor = string_at(*socket->read(), "cursor");
  socket->disconnect();
  world.send(world.bob(), "missed");
  const auto alice = world.stream(world.alice(), cursor);
  const auto sync = read_event(*alice);
  EXPECT_EQ(sync.name, "sync");
  EXPECT_FALSE(sync.id.empty());
  EXPECT_EQ(read_event(*alice).name, "live");
  alice->disconnect();
  const auto again = world.hello(world.alice(), sync.id);
  again->read();
  EXPECT_EQ(event_of(again->read()), "live") << "nothing is told twice";
  again->disconnect();
}

TEST(EventStream, AnEventThatIsNotStoredHasNoId) {
  LiveWorld world;
  const auto bob = world.stream(world.bob());
  EXPECT_EQ(read_event(*bob).name, "live");
  ASSERT_TRUE(world.messenger().typing(world.alice(), world.room()));
  const auto typing = read_event(*bob);
  EXPECT_EQ(typing.name, "typing");
  EXPECT_EQ(typing.id, "");
  bob->disconnect();
}

TEST(EventStream, ASlowReaderGetsTheRestBySync) {
  LiveWorld world;
  const auto alice = world.stream(world.alice(), {}, 4);
  alice->wait_until_queued(1);
  for (int i = 0; i < 50; ++i) world.send(world.bob(), "m");
  EXPECT_LE(alice->queued(), 4U);
  std::int64_t last = 0;
  while (last < 50) {
    const auto event = read_event(*alice);
    ASSERT_NE(event.name, "nothing");
    if (event.name == "message") {
      const auto seq = event.data.at("message").as_object().at("seq").as_int64();
      EXPECT_EQ(seq, last + 1);
      last = seq;
    } else if (event.name == "sync") {
      const auto& messages = event.data.at("conversation").as_object().at("messages").as_array();
      EXPECT_EQ(messages.front().as_object().at("seq").as_int64(), last + 1);
      last = messages.back().as_object().at("seq").as_int64();
    }
  }
  alice->disconnect();
}

TEST(EventStream, RefusesACursorThatIsNone) {
  LiveWorld world;
  const auto made = world.hub().open_stream(world.request(world.alice(), "nonsense"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "invalid_argument");
}

TEST(EventStream, IsOneOfTheConnectionsOfItsUser) {
  LiveWorld world({.sessions_per_user_max = 2});
  const auto socket = world.hello(world.alice());
  socket->read();
  const auto first = world.stream(world.alice());
  read_event(*first);
  const auto second = world.stream(world.alice());
  read_event(*second);
  EXPECT_EQ(socket->close_code(), 4503);
  EXPECT_EQ(first->close_code(0ms), std::nullopt);
  socket->disconnect();
  first->disconnect();
  second->disconnect();
  EXPECT_EQ(world.hub().session_count(), 0U);
}

TEST(EventStream, ClosesAtItsTurn) {
  LiveWorld world;
  const auto alice = world.stream(world.alice());
  read_event(*alice);
  alice->shut_down(9ms);
  EXPECT_EQ(alice->close_code(), 1012);
  EXPECT_EQ(alice->close_reason(), "retry_after_ms=9");
  alice->disconnect();
}

TEST(EventStream, EndsWithItsToken) {
  LiveWorld world;
  auto request = world.request(world.alice(), {});
  const auto session = request.principal.session->id;
  auto transport = world.stream(world.alice());
  read_event(*transport);
  const auto made = world.hub().open_stream(std::move(request));
  ASSERT_TRUE(made);
  world.hub().end_session(session);
  EXPECT_EQ(transport->close_code(50ms), std::nullopt) << "another token of the same user";
  transport->disconnect();
}

}  // namespace
}  // namespace msgd::test
