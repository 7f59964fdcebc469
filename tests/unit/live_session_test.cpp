// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "unit/live_fixture.h"

namespace msgd::test {
namespace {

std::int64_t seq_of(const json::value& message) {
  return message.at("seq").to_number<std::int64_t>();
}

/// What a device keeps: which messages it was given, how often, and the latest cursor.
struct Device {
  std::map<std::int64_t, int> times_given;
  std::string cursor;
  std::int64_t last_event_seq{0};
  int lives{0};

  void take(const json::object& frame) {
    const auto event = string_at(frame, "event");
    if (event == "message") {
      const auto seq = seq_of(frame.at("message"));
      EXPECT_GT(seq, last_event_seq) << "events out of order";
      last_event_seq = seq;
      ++times_given[seq];
    } else if (event == "sync") {
      take_delta(frame.at("conversation"));
    } else if (event == "live") {
      ++lives;
    }
    if (const auto newer = string_at(frame, "cursor"); !newer.empty()) cursor = newer;
  }

  void take_delta(const json::value& delta) {
    for (const auto& message : delta.at("messages").as_array()) {
      last_event_seq = std::max(last_event_seq, seq_of(message));
      ++times_given[seq_of(message)];
    }
    if (const auto& missing = delta.at("missing"); !missing.is_null()) {
      const auto to = missing.at("to").to_number<std::int64_t>();
      for (auto seq = missing.at("from").to_number<std::int64_t>(); seq <= to; ++seq) {
        ++times_given[seq];
      }
    }
  }

  /// Each of 1 … last once.
  void expect_complete(std::int64_t first, std::int64_t last) const {
    for (auto seq = first; seq <= last; ++seq) {
      const auto found = times_given.find(seq);
      ASSERT_NE(found, times_given.end()) << "lost " << seq;
      ASSERT_EQ(found->second, 1) << "doubled " << seq;
    }
  }
};

TEST(LiveSession, HelloWithoutCursorBringsOnlyWhatComes) {
  LiveWorld world;
  world.send(world.bob(), "before");
  const auto alice = world.hello(world.alice());
  const auto reply = alice->read();
  ASSERT_TRUE(reply && reply->at("ok").as_bool());
  EXPECT_EQ(string_at(reply->at("result").at("user").as_object(), "username"), "alice");
  EXPECT_EQ(event_of(alice->read()), "live");
  world.send(world.bob(), "after");
  const auto event = alice->read();
  ASSERT_EQ(event_of(event), "message");
  EXPECT_EQ(string_at(event->at("message").as_object(), "content"), "after");
  alice->disconnect();
}

TEST(LiveSession, EmptyCursorBringsEverythingThenLive) {
  LiveWorld world;
  world.send(world.bob(), "before");
  const auto alice = world.hello(world.alice(), "");
  alice->read();
  EXPECT_EQ(event_of(alice->read()), "sync");
  EXPECT_EQ(event_of(alice->read()), "live");
  alice->disconnect();
}

TEST(LiveSession, CursorOfAnotherStoreIsRefusedAndHelloMayBeRepeated) {
  LiveWorld world;
  const auto alice = world.hello(world.alice(), "nonsense");
  EXPECT_EQ(error_of(alice->read()), "invalid_argument");
  alice->say(R"({"id":2,"op":"hello","token":")" + world.token(world.alice()) + "\"}");
  const auto reply = alice->read();
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->at("ok").as_bool());
  alice->disconnect();
}

TEST(LiveSession, NoHelloInTimeIsClosed) {
  LiveWorld world({.hello_timeout = 20ms});
  const auto nobody = world.connect();
  EXPECT_EQ(nobody->close_code(), 4408);
  nobody->disconnect();
}

TEST(LiveSession, BadTokenIsClosed) {
  LiveWorld world;
  const auto nobody = world.connect();
  nobody->say(R"({"id":1,"op":"hello","token":"mss_wrong"})");
  EXPECT_EQ(error_of(nobody->read()), "unauthenticated");
  EXPECT_EQ(nobody->close_code(), 4401);
  nobody->disconnect();
}

TEST(LiveSession, RequestsBehindARefusedHelloAreEachAnswered) {
  LiveWorld world;
  const auto nobody = world.connect();
  nobody->say(R"({"id":1,"op":"hello","token":"mss_wrong"})");
  nobody->say(R"({"id":2,"op":"ping"})");
  EXPECT_EQ(nobody->read()->at("id"), 1);
  // Said in time or after the answer: refused either way, unless the close was faster.
  if (const auto second = nobody->read(200ms)) {
    EXPECT_EQ(error_of(second), "unauthenticated");
  }
  nobody->disconnect();
}

TEST(LiveSession, ThreeMalformedFramesInARowAreClosed) {
  LiveWorld world;
  const auto alice = world.connect();
  for (int i = 0; i < 3; ++i) alice->say("[]");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(error_of(alice->read()), "malformed_request");
  EXPECT_EQ(alice->close_code(), 1008);
  alice->disconnect();
}

TEST(LiveSession, ClientIdIsForTheSenderOnly) {
  LiveWorld world;
  const auto alice = world.hello(world.alice());
  const auto bob = world.hello(world.bob());
  for (const auto& session : {alice, bob}) {
    session->read();
    session->read();
  }
  world.send(world.alice(), "hi", "key-1");
  EXPECT_EQ(string_at(alice->read()->at("message").as_object(), "client_id"), "key-1");
  EXPECT_TRUE(bob->read()->at("message").at("client_id").is_null());
  alice->disconnect();
  bob->disconnect();
}

TEST(LiveSession, SendsKeepTheirOrderBehindOneThatMustLookUp) {
  LiveWorld world;
  const auto alice = world.hello(world.alice());
  alice->read();
  alice->read();
  const auto bob = std::to_string(msg::to_int(world.bob()));
  const auto room = std::to_string(msg::to_int(world.room()));
  for (int i = 0; i < 20; ++i) {
    const auto where = i % 3 == 0 ? R"("receiver_id":")" + bob : R"("conversation_id":")" + room;
    alice->say(R"({"id":)" + std::to_string(100 + i) + R"(,"op":"send",)" + where +
               R"(","content":")" + std::to_string(i) + "\"}");
  }
  std::vector<std::string> contents;
  while (contents.size() < 20) {
    const auto frame = alice->read();
    ASSERT_TRUE(frame);
    if (event_of(frame) == "message") {
      contents.push_back(string_at(frame->at("message").as_object(), "content"));
    }
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(contents.at(static_cast<std::size_t>(i)), std::to_string(i));
  alice->disconnect();
}

TEST(LiveSession, TypingReachesTheOtherAndHasNoCursor) {
  LiveWorld world;
  const auto bob = world.hello(world.bob());
  bob->read();
  bob->read();
  ASSERT_TRUE(world.messenger().typing(world.alice(), world.room()));
  const auto event = bob->read();
  ASSERT_EQ(event_of(event), "typing");
  EXPECT_TRUE(event->at("cursor").is_null());
  EXPECT_TRUE(event->at("version").is_null());
  bob->disconnect();
}

TEST(LiveSession, SlowReaderFallsBehindAndResumesWithoutLossOrDouble) {
  LiveWorld world;
  const auto bob = world.hello(world.bob(), "", 4);
  Device device;
  while (device.lives == 0) device.take(*bob->read());
  constexpr int kMessages = 1000;
  int sent = 0;
  for (; sent < 20; ++sent) world.send(world.alice(), "m");  // unread: more than the outbox holds
  std::thread writer([&] {
    for (; sent < kMessages; ++sent) world.send(world.alice(), "m");
  });
  while (device.times_given.size() < kMessages) {
    const auto frame = bob->read();
    EXPECT_TRUE(frame) << "stuck after " << device.times_given.size();
    if (!frame) break;
    device.take(*frame);
    EXPECT_LE(bob->queued(), 4U);
  }
  writer.join();
  device.expect_complete(1, kMessages);
  while (device.lives < 2) device.take(*bob->read());
  bob->disconnect();
}

TEST(LiveSession, AFrameLargerThanTheOutboxStillComes) {
  LiveWorld world;
  for (int i = 0; i < 30; ++i) world.send(world.alice(), std::string(60'000, 'x'));
  const auto bob = world.hello(world.bob(), "", 1);
  Device device;
  while (device.times_given.size() < 30) {
    const auto frame = bob->read();
    ASSERT_TRUE(frame);
    device.take(*frame);
  }
  device.expect_complete(1, 30);
  bob->disconnect();
}

TEST(LiveSession, APageOfMoreFramesThanTheOutboxHoldsComesWholeAndInOrder) {
  LiveWorld world;
  constexpr std::size_t kGroups = 120;  // more than a page
  for (std::size_t i = 0; i < kGroups; ++i) {
    ASSERT_TRUE(world.messenger().create_group(world.alice(), {"g", {world.bob()}}));
  }
  const auto bob = world.hello(world.bob(), "", 4);
  bob->read();
  std::map<std::string, int> times_given;
  std::size_t cursors = 0;
  auto frame = bob->read();
  for (; event_of(frame) == "sync"; frame = bob->read()) {
    const auto& conversation = frame->at("conversation").at("view").at("conversation");
    ++times_given[string_at(conversation.as_object(), "id")];
    cursors += frame->at("cursor").is_null() ? 0 : 1;
  }
  EXPECT_EQ(event_of(frame), "live");
  EXPECT_EQ(times_given.size(), kGroups + 1);  // and the direct one
  for (const auto& [id, times] : times_given) EXPECT_EQ(times, 1) << id;
  EXPECT_EQ(cursors, 3U) << "one per page of 50";
  bob->disconnect();
}

TEST(LiveSession, GoingLiveWhileOthersCommitNeitherLosesNorDoubles) {
  LiveWorld world;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) world.send(world.alice(), "m");
  });
  std::string cursor;
  std::int64_t seen = 0;
  for (int round = 0; round < 60; ++round) {
    const auto bob = world.hello(world.bob(), cursor, 8 + static_cast<std::size_t>(round % 3) * 64);
    Device device;
    device.last_event_seq = seen;
    for (int frames = 0; frames < 30; ++frames) {
      const auto frame = bob->read();
      ASSERT_TRUE(frame);
      device.take(*frame);
    }
    bob->disconnect();
    // A page taken in halfway has no cursor yet: it comes again, which is harmless.
    const auto last = device.times_given.empty() ? seen : device.times_given.rbegin()->first;
    device.expect_complete(
        device.times_given.empty() ? last + 1 : device.times_given.begin()->first, last);
    if (!device.times_given.empty()) {
      ASSERT_LE(device.times_given.begin()->first, seen + 1) << "lost between two connections";
    }
    if (!device.cursor.empty()) {
      cursor = device.cursor;
      seen = last;
    }
  }
  stop = true;
  writer.join();
}

TEST(LiveSession, RevokedTokenIsClosedSoon) {
  LiveWorld world({.token_check_interval = 20ms});
  world.hub().start();
  const auto alice = world.hello(world.alice());
  const auto session_id = string_at(alice->read()->at("result").as_object(), "session_id");
  ASSERT_TRUE(
      world.messenger().revoke_session(world.alice(), msg::SessionId{std::stoll(session_id)}));
  EXPECT_EQ(alice->close_code(), 4401);
  alice->disconnect();
}

TEST(LiveSession, OneConnectionTooManyClosesTheOldest) {
  LiveWorld world({.sessions_per_user_max = 2});
  std::vector<std::shared_ptr<FakeTransport>> devices;
  for (int i = 0; i < 3; ++i) {
    devices.push_back(world.hello(world.alice()));
    devices.back()->read();
  }
  EXPECT_EQ(devices[0]->close_code(), 4503);
  EXPECT_FALSE(devices[2]->close_code(10ms));
  EXPECT_EQ(world.hub().session_count(), 2U);
  for (const auto& device : devices) device->disconnect();
  EXPECT_EQ(world.hub().session_count(), 0U);
}

TEST(LiveSession, RepliesThatNobodyReadsAreBounded) {
  LiveWorld world;
  const auto alice = world.hello(world.alice(), std::nullopt, 2);
  alice->read();
  alice->read();
  for (int i = 0; i < 200; ++i) alice->say(R"({"id":7,"op":"ping"})");
  EXPECT_EQ(alice->close_code(), 4008);
  alice->disconnect();
}

TEST(LiveSession, RepliesThatWaitComeBeforeFurtherEvents) {
  LiveWorld world;
  const auto alice = world.hello(world.alice(), std::nullopt, 2);
  alice->read();
  alice->read();
  for (int i = 0; i < 20; ++i) alice->say(R"({"id":)" + std::to_string(i) + R"(,"op":"ping"})");
  alice->wait_until_queued(2);
  world.send(world.bob(), "later");
  Device device;
  std::int64_t replies = 0;
  while (device.times_given.empty()) {
    const auto frame = alice->read();
    ASSERT_TRUE(frame);
    if (frame->contains("ok")) {
      EXPECT_EQ(frame->at("id"), replies++);
    }
    device.take(*frame);
  }
  EXPECT_EQ(replies, 20);
  device.expect_complete(1, 1);
  alice->disconnect();
}

}  // namespace
}  // namespace msgd::test
