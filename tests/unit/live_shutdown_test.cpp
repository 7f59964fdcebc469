// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "unit/live_fixture.h"

namespace msgd::test {
namespace {

/// The requests whose replies come, until the one with that id.
std::map<std::int64_t, bool> replies_up_to(FakeTransport& peer, std::int64_t last) {
  std::map<std::int64_t, bool> replies;
  while (!replies.contains(last)) {
    const auto frame = peer.read();
    if (!frame) break;
    if (const auto* ok = frame->if_contains("ok")) {
      replies[frame->at("id").as_int64()] = ok->as_bool();
    }
  }
  return replies;
}

TEST(LiveSession, ShutdownAnswersWhatWaitsForItsCommitAndThenCloses) {
  StoppableClock clock;
  msg::Options store;
  store.clock = clock.read();
  LiveWorld world({}, std::move(store));
  const auto alice = world.hello(world.alice());
  alice->read();
  EXPECT_EQ(event_of(alice->read()), "live");
  clock.stop();
  const auto room = std::to_string(msg::to_int(world.room()));
  for (int id = 2; id <= 4; ++id) {
    alice->say(R"({"id":)" + std::to_string(id) +
               R"(,"op":"send","content":"hi","conversation_id":")" + room + "\"}");
  }
  alice->shut_down(1500ms);
  EXPECT_EQ(alice->close_code(50ms), std::nullopt) << "three sends have no answer yet";
  alice->say(R"({"id":5,"op":"send","content":"late","conversation_id":")" + room + "\"}");
  const auto refused = alice->read();
  EXPECT_EQ(error_of(refused), "unavailable");
  EXPECT_EQ(refused->at("error").as_object().at("retry_after_ms"), 1500);
  clock.run();
  EXPECT_EQ(replies_up_to(*alice, 4),
            (std::map<std::int64_t, bool>{{2, true}, {3, true}, {4, true}}));
  EXPECT_EQ(alice->close_code(), 1012);
  EXPECT_EQ(alice->close_reason(), "retry_after_ms=1500");
  const auto page = world.messenger().history(world.alice(), {.conversation = world.room()});
  EXPECT_EQ(page->items.size(), 3U);
  alice->disconnect();
}

TEST(LiveSession, ShutdownWaitsForRepliesThatAreNotReadYet) {
  LiveWorld world;
  const auto alice = world.hello(world.alice(), {}, 2);
  alice->wait_until_queued(2);
  for (int id = 2; id <= 5; ++id) alice->say(R"({"op":"ping","id":)" + std::to_string(id) + "}");
  alice->shut_down(0ms);
  EXPECT_EQ(alice->close_code(50ms), std::nullopt);
  EXPECT_EQ(replies_up_to(*alice, 5).size(), 5U);
  EXPECT_EQ(alice->close_code(), 1012);
  alice->disconnect();
}

TEST(LiveSession, ShutdownWithNothingToAnswerClosesAtOnce) {
  LiveWorld world;
  const auto nobody = world.connect();
  nobody->shut_down(7ms);
  EXPECT_EQ(nobody->close_code(), 1012);
  EXPECT_EQ(nobody->close_reason(), "retry_after_ms=7");
  nobody->disconnect();
}

}  // namespace
}  // namespace msgd::test
