// SPDX-License-Identifier: Apache-2.0
#include "http/json_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace msgd {
namespace {

namespace json = boost::json;

json::value written(auto write) {
  std::string out;
  write(out);
  return json::parse(out);
}

const msg::Message kMessage{.id = {msg::ConversationId{5}, msg::Seq{7}},
                            .sender = msg::UserId{9},
                            .kind = msg::MessageKind::text,
                            .content = "hi",
                            .client_id = "key",
                            .version = msg::Version{65'536'000},
                            .created_at = msg::Time{std::chrono::seconds{1}}};

TEST(JsonWrite, EscapesWhatMustBeAndNothingElse) {
  std::string out;
  append_json_string(out, "a\"b\\c\n\r\t\x01\x7f é 😀 /");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\x7f é 😀 /\"");
}

TEST(JsonWrite, AnyTextComesBackUnchanged) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (int n = static_cast<int>(random() % 40); n > 0; --n) {
      text += static_cast<char>(random() % 128);
    }
    text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
    EXPECT_EQ(written([&](std::string& out) { append_json_string(out, text); }).as_string(), text);
  }
}

TEST(JsonWrite, WhatFewMessagesHaveStandsThereOnlyIfTheyDo) {
  msg::Message message;
  message.reactions = {{.emoji = "👍", .count = 2}};
  message.own_reactions.emplace();
  std::string out;
  append_message(out, message);
  EXPECT_THAT(out,
              testing::HasSubstr(R"(,"reactions":[{"emoji":"👍","count":2}],"own_reactions":[],)"));
  out.clear();
  append_message(out, {});
  for (const char* name : {"reactions", "own_reactions"}) {
    EXPECT_THAT(out, testing::Not(testing::HasSubstr(name)));
  }
}

TEST(JsonWrite, MessageHasEveryMemberAndNullForWhatIsAbsent) {
  const auto value = written([](std::string& out) { append_message(out, kMessage); });
  EXPECT_EQ(json::serialize(value),
            R"({"id":"5-7","conversation_id":"5","seq":7,"sender_id":"9","kind":"text",)"
            R"("content":"hi","reply_to":null,"timestamp":null,"client_id":"key",)"
            R"("version":"65536000","created_at":"1970-01-01T00:00:01.000Z",)"
            R"("changed":null,"edited_at":null,)"
            R"("deleted":false,"status":null})");
}

TEST(JsonWrite, ClientIdAndPhoneCanBeHidden) {
  const auto message =
      written([](std::string& out) { append_message(out, kMessage, ClientId::hidden); });
  EXPECT_TRUE(message.at("client_id").is_null());
  const msg::User user{.id = msg::UserId{1}, .phone = "+14155550101", .username = "alice"};
  const auto hidden = written([&](std::string& out) { append_user(out, user, Phone::hidden); });
  EXPECT_TRUE(hidden.at("phone").is_null());
  EXPECT_EQ(hidden.at("username"), "alice");
  const auto shown = written([&](std::string& out) { append_user(out, user, Phone::shown); });
  EXPECT_EQ(shown.at("phone"), "+14155550101");
}

TEST(JsonWrite, PageHasItemsAndBothCursors) {
  msg::Page<msg::Message> page;
  page.items = {kMessage, kMessage};
  page.next = "n";
  page.has_more = true;
  const auto value = written([&](std::string& out) {
    append_page(out, page, [](std::string& o, const msg::Message& m) { append_message(o, m); });
  });
  EXPECT_EQ(value.at("items").as_array().size(), 2U);
  EXPECT_EQ(json::serialize(value.at("page")),
            R"({"next":"n","prev":null,"has_more":true,"has_prev":false})");
}

TEST(JsonWrite, SyncPageNests) {
  msg::SyncPage page;
  page.conversations.resize(1);
  auto& delta = page.conversations[0];
  delta.view.last_message = kMessage;
  delta.messages = {kMessage};
  delta.missing = msg::SeqRange{msg::Seq{1}, msg::Seq{6}};
  delta.members.resize(1);
  page.cursor = "c";
  const auto value = written([&](std::string& out) { append_sync_page(out, page); });
  const auto& first = value.at("conversations").at(0);
  EXPECT_EQ(first.at("view").at("last_message").at("id"), "5-7");
  EXPECT_EQ(first.at("missing").at("to"), 6);
  EXPECT_EQ(first.at("members").at(0).at("role"), "member");
  EXPECT_EQ(value.at("has_more"), false);
}

}  // namespace
}  // namespace msgd
