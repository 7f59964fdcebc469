// SPDX-License-Identifier: Apache-2.0
#include "live/ws_protocol.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace msgd {
namespace {

namespace json = boost::json;

constexpr std::string_view kHello = R"({"id":1,"op":"hello"})";

WsProtocol open_session() {
  WsProtocol protocol;
  EXPECT_TRUE(protocol.take(kHello));
  protocol.greeted(true);
  return protocol;
}

std::string refusal(WsProtocol& protocol, std::string_view text) {
  const auto taken = protocol.take(text);
  return taken ? "taken" : std::string{taken.error().problem.code};
}

TEST(WsProtocol, HelloComesFirstAndOnce) {
  WsProtocol protocol;
  EXPECT_EQ(refusal(protocol, R"({"id":1,"op":"ping"})"), "unauthenticated");
  ASSERT_TRUE(protocol.take(R"({"id":2,"op":"hello","token":"t","cursor":"","user_id":"7"})"));
  EXPECT_EQ(protocol.stage(), WsProtocol::Stage::greeting);
  EXPECT_EQ(refusal(protocol, kHello), "conflict");
  EXPECT_EQ(refusal(protocol, R"({"id":3,"op":"ping"})"), "taken");
  protocol.greeted(false);
  EXPECT_EQ(refusal(protocol, kHello), "taken");
  protocol.greeted(true);
  EXPECT_EQ(refusal(protocol, kHello), "conflict");
}

TEST(WsProtocol, HelloTellsNoCursorFromAnEmptyOne) {
  WsProtocol first;
  const auto none = first.take(kHello);
  EXPECT_FALSE(std::get<HelloOp>(none->op).cursor);
  WsProtocol second;
  const auto empty = second.take(R"({"id":1,"op":"hello","cursor":""})");
  EXPECT_EQ(std::get<HelloOp>(empty->op).cursor, "");
}

TEST(WsProtocol, ReadsEveryOp) {
  auto protocol = open_session();
  const auto read = [&](std::string_view text) {
    auto taken = protocol.take(text);
    EXPECT_TRUE(taken) << text;
    return taken ? std::move(taken->op) : decltype(WsRequest::op){};
  };
  const auto send = std::get<SendOp>(read(
      R"({"id":7,"op":"send","conversation_id":"5","content":"x","client_id":"k","reply_to":2})"));
  EXPECT_EQ(send.fields.draft.conversation, msg::ConversationId{5});
  EXPECT_EQ(send.fields.draft.reply_to, msg::Seq{2});
  const auto mark =
      std::get<MarkOp>(read(R"({"id":7,"op":"delivered","conversation_id":"5","seq":3})"));
  EXPECT_EQ(mark.mark.state, msg::MessageState::delivered);
  EXPECT_EQ(
      std::get<MarkOp>(read(R"({"id":7,"op":"read","conversation_id":"5","seq":3})")).mark.state,
      msg::MessageState::read);
  EXPECT_EQ(
      std::get<TypingOp>(read(R"({"id":7,"op":"typing","conversation_id":"5"})")).conversation,
      msg::ConversationId{5});
  EXPECT_EQ(std::get<TypingOp>(read(R"({"id":7,"op":"recording","conversation_id":"5"})")).activity,
            msg::Activity::recording);
  const auto presence =
      std::get<PresenceOp>(read(R"({"id":7,"op":"presence","user_ids":["5","6"]})"));
  EXPECT_EQ(presence.users, (std::vector{msg::UserId{5}, msg::UserId{6}}));
  EXPECT_TRUE(std::get<AwayOp>(read(R"({"id":7,"op":"away","away":true})")).away);
  const auto history = std::get<HistoryOp>(
      read(R"({"id":7,"op":"history","conversation_id":"5","limit":3,"order":"asc","after":0})"));
  EXPECT_EQ(history.request.order, msg::Order::oldest_first);
  EXPECT_EQ(history.request.after, msg::Seq{0});
  EXPECT_EQ(
      std::get<ConversationsOp>(read(R"({"id":7,"op":"conversations","limit":3})")).request.limit,
      3);
  EXPECT_EQ(
      std::get<OpenDirectOp>(read(R"({"id":7,"op":"open_direct","username":"bob"})")).username,
      "bob");
  EXPECT_TRUE(std::holds_alternative<PingOp>(read(R"({"id":0,"op":"ping","unknown":[1]})")));
}

TEST(WsProtocol, WrongFieldsNameTheField) {
  auto protocol = open_session();
  const auto taken = protocol.take(R"({"id":7,"op":"read","conversation_id":5,"seq":"x"})");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().id, 7);
  const auto text = error_text(taken.error().id, taken.error().problem);
  const auto error = json::parse(text).at("error");
  EXPECT_EQ(error.at("code"), "invalid_argument");
  EXPECT_EQ(error.at("field"), "conversation_id");
  EXPECT_EQ(error.at("status"), 422);
  EXPECT_TRUE(error.at("retry_after_ms").is_null());
  EXPECT_EQ(refusal(protocol, R"({"id":7,"op":"fly"})"), "invalid_argument");
  EXPECT_EQ(refusal(protocol, R"({"id":7,"op":"send","content":"x"})"), "invalid_argument");
  EXPECT_EQ(refusal(protocol, R"({"id":7,"op":"open_direct"})"), "invalid_argument");
}

TEST(WsProtocol, ThirdMalformedFrameInARowEndsIt) {
  auto protocol = open_session();
  for (const auto* text : {"", "[]", "{}", R"({"id":1})", R"({"op":"ping"})",
                           R"({"id":"1","op":"ping"})", R"({"id":-1,"op":"ping"})",
                           R"({"id":1.5,"op":"ping"})", R"({"id":9007199254740992,"op":"ping"})",
                           R"({"id":1,"op":7})", R"({"id":1,"id":2,"op":"ping"})"}) {
    EXPECT_EQ(refusal(protocol, text), "malformed_request") << text;
    ASSERT_TRUE(protocol.take(R"({"id":1,"op":"ping"})")) << "a good frame starts the count anew";
  }
  EXPECT_FALSE(protocol.take("x").error().close);
  EXPECT_FALSE(protocol.take("x").error().close);
  EXPECT_TRUE(protocol.take("x").error().close);
}

TEST(WsProtocol, MalformedFrameKeepsItsIdWhenThereIsOne) {
  auto protocol = open_session();
  EXPECT_EQ(protocol.take(R"({"id":7,"op":1})").error().id, 7);
  EXPECT_FALSE(protocol.take("nonsense").error().id);
  EXPECT_TRUE(json::parse(error_text({}, malformed("x"))).at("id").is_null());
}

TEST(WsProtocol, WritesRepliesAndEvents) {
  EXPECT_EQ(ok_null_text(7), R"({"id":7,"ok":true,"result":null})");
  EXPECT_EQ(live_text("c", "complete"), R"({"event":"live","cursor":"c","resumed":"complete"})");
  const msg::Event typing{
      .conversation = msg::ConversationId{5},
      .body = msg::TypingEvent{.user = msg::UserId{9}, .expires_in = std::chrono::seconds{5}}};
  EXPECT_EQ(event_text(typing, ClientId::hidden),
            R"({"event":"typing","conversation_id":"5","version":null,"cursor":null,)"
            R"("user_id":"9","expires_in_ms":5000})");
  const msg::Event recording{
      .conversation = msg::ConversationId{5},
      .body = msg::TypingEvent{.user = msg::UserId{9}, .activity = msg::Activity::recording}};
  EXPECT_EQ(json::parse(event_text(recording, ClientId::hidden)).at("event"), "recording");
  EXPECT_EQ(presence_text({{.user = msg::UserId{9}, .state = msg::PresenceState::away}}),
            R"({"event":"presence","users":[{"user_id":"9","state":"away","last_seen":null}]})");
  const msg::Event message{.conversation = msg::ConversationId{5},
                           .version = msg::Version{8},
                           .cursor = "c",
                           .body = msg::MessageEvent{{.client_id = "k"}}};
  const auto value = json::parse(event_text(message, ClientId::hidden));
  EXPECT_EQ(value.at("event"), "message");
  EXPECT_EQ(value.at("version"), "8");
  EXPECT_TRUE(value.at("message").at("client_id").is_null());
}

}  // namespace
}  // namespace msgd
