// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "unit/live_fixture.h"

namespace msgd::test {
namespace {

/// A sync that may wait, asked on a thread of its own as a worker would.
class Poll {
 public:
  Poll(LiveWorld& world, msg::UserId user, std::string cursor, std::chrono::milliseconds longest)
      : Poll(world, world.request(user, std::move(cursor)), longest) {}
  Poll(LiveWorld& world, LiveRequest request, std::chrono::milliseconds longest) {
    SyncWait wait{.limit = 0,
                  .longest = longest,
                  .park = [this] { parked_.set_value(); },
                  .answer =
                      [this](Outcome<Response> outcome) {
                        ++answers;
                        answer_.set_value(std::move(outcome));
                      }};
    thread_ =
        std::jthread([&world, request = std::move(request), wait = std::move(wait)]() mutable {
          world.services().sync(std::move(request), std::move(wait));
        });
  }
  bool waits(std::chrono::milliseconds limit = 5s) {
    return parked_.get_future().wait_for(limit) == std::future_status::ready;
  }
  Outcome<Response> answer() { return answer_.get_future().get(); }
  json::object page() { return json::parse(answer()->body).as_object(); }

  std::atomic<int> answers{0};

 private:
  std::promise<void> parked_;
  std::promise<Outcome<Response>> answer_;
  std::jthread thread_;
};

std::string position(LiveWorld& world) {
  return *world.messenger().sync_position();
}

TEST(LongPoll, AnswersAtOnceWhatThereIs) {
  LiveWorld world;
  const auto before = position(world);
  world.send(world.bob(), "hi");
  Poll poll(world, world.alice(), before, 60s);
  EXPECT_EQ(poll.page().at("conversations").as_array().size(), 1U);
}

TEST(LongPoll, WaitsForWhatConcernsItsUser) {
  LiveWorld world;
  Poll poll(world, world.alice(), position(world), 60s);
  ASSERT_TRUE(poll.waits());
  const auto carol = world.messenger().register_user({.phone = "+14155550103"})->id;
  ASSERT_TRUE(world.messenger().open_direct(world.bob(), carol));
  ASSERT_TRUE(world.messenger().typing(world.bob(), world.room()));
  EXPECT_EQ(poll.answers, 0);
  world.send(world.bob(), "hi");
  const auto page = poll.page();
  ASSERT_EQ(page.at("conversations").as_array().size(), 1U);
  Poll next(world, world.alice(), string_at(page, "cursor"), 0ms);
  EXPECT_TRUE(next.page().at("conversations").as_array().empty()) << "nothing is told twice";
}

TEST(LongPoll, GivesUpWithTheCursorToGoOnFrom) {
  LiveWorld world;
  Poll poll(world, world.alice(), position(world), 20ms);
  const auto outcome = poll.answer();
  ASSERT_TRUE(outcome);
  EXPECT_GE(outcome->waited, 20ms);
  const auto page = json::parse(outcome->body).as_object();
  EXPECT_TRUE(page.at("conversations").as_array().empty());
  world.send(world.bob(), "later");
  Poll next(world, world.alice(), string_at(page, "cursor"), 60s);
  EXPECT_EQ(next.page().at("conversations").as_array().size(), 1U);
}

TEST(LongPoll, NothingFallsBetweenTwoPolls) {
  LiveWorld world;
  std::jthread sender([&] {
    for (int i = 0; i < 300; ++i) world.send(world.bob(), "m");
  });
  std::int64_t last = 0;
  auto cursor = position(world);
  while (last < 300) {
    Poll poll(world, world.alice(), cursor, 10s);
    const auto page = poll.page();
    cursor = string_at(page, "cursor");
    for (const auto& delta : page.at("conversations").as_array()) {
      const auto& missing = delta.at("missing");
      if (!missing.is_null()) {
        EXPECT_EQ(missing.at("from"), last + 1);
        last = missing.at("to").as_int64();
      }
      for (const auto& message : delta.at("messages").as_array()) {
        EXPECT_EQ(message.at("seq").as_int64(), ++last);
      }
    }
  }
}

TEST(LongPoll, IsOneOfTheConnectionsOfItsUser) {
  LiveWorld world({.sessions_per_user_max = 1});
  Poll first(world, world.alice(), position(world), 60s);
  ASSERT_TRUE(first.waits());
  Poll second(world, world.alice(), position(world), 60s);
  const auto refused = first.answer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 503);
  world.send(world.bob(), "hi");
  EXPECT_TRUE(second.answer());
}

TEST(LongPoll, IsAnsweredWithoutNewsWhenTheServerEnds) {
  LiveWorld world;
  Poll poll(world, world.alice(), position(world), 60s);
  ASSERT_TRUE(poll.waits());
  world.services().draining = true;
  world.hub().begin_drain(0ms);
  const auto page = poll.page();
  EXPECT_TRUE(page.at("conversations").as_array().empty());
  EXPECT_EQ(page.at("has_more"), false);
  Poll late(world, world.alice(), string_at(page, "cursor"), 60s);
  EXPECT_TRUE(late.answer()) << "nobody waits any more";
  EXPECT_EQ(world.hub().session_count(), 0U);
  world.send(world.bob(), "hi");
  Poll next(world, world.alice(), string_at(page, "cursor"), 60s);
  EXPECT_EQ(next.page().at("conversations").as_array().size(), 1U);
}

TEST(LongPoll, EndsWithItsToken) {
  LiveWorld world;
  auto request = world.request(world.alice(), position(world));
  const auto session = request.principal.session->id;
  Poll poll(world, std::move(request), 60s);
  ASSERT_TRUE(poll.waits());
  world.hub().end_session(session);
  const auto refused = poll.answer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 401);
}

TEST(LongPoll, RefusesACursorThatIsNone) {
  LiveWorld world;
  Poll poll(world, world.alice(), "nonsense", 60s);
  const auto refused = poll.answer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "invalid_argument");
}

}  // namespace
}  // namespace msgd::test
