// SPDX-License-Identifier: Apache-2.0
#include "http/json_read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace msgd {
namespace {

using testing::HasSubstr;

std::string why(std::string_view text) {
  const auto parsed = parse_object(text);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().status, 400);
  EXPECT_EQ(parsed.error().code, "malformed_request");
  return parsed.error().detail;
}

std::string nested(int depth) {
  std::string text = "{\"a\":";
  for (int i = 1; i < depth; ++i) text += '[';
  text += '1';
  for (int i = 1; i < depth; ++i) text += ']';
  return text + '}';
}

TEST(JsonRead, AcceptsAnOrdinaryObject) {
  const auto parsed = parse_object(R"( {"a":1,"b":[{"a":2}],"c":"é😀\ud83d\ude00","d":1.5e3} )");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->at("a"), 1);
  EXPECT_EQ(parsed->at("d"), 1500.0);
}

TEST(JsonRead, RefusesTheSameKeyTwiceAtAnyDepth) {
  EXPECT_THAT(why(R"({"a":1,"a":1})"), HasSubstr("same key twice"));
  EXPECT_THAT(why(R"({"a":1,"\u0061":2})"), HasSubstr("same key twice"));
  EXPECT_THAT(why(R"({"x":[{"a":1,"b":2,"a":3}]})"), HasSubstr("same key twice"));
  EXPECT_THAT(why(R"({"x":{"a":{"b":1,"b":{}}},"x":1})"), HasSubstr("same key twice"));
}

TEST(JsonRead, TakesSixteenLevelsAndNoMore) {
  EXPECT_EQ(why(nested(16)), "accepted");
  EXPECT_THAT(why(nested(17)), HasSubstr("16 levels"));
  EXPECT_THAT(why(nested(50'000)), HasSubstr("16 levels"));
}

TEST(JsonRead, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(why(R"({"a":18446744073709551615})"), "accepted");
  EXPECT_EQ(why(R"({"a":-9223372036854775808})"), "accepted");
  EXPECT_EQ(why(R"({"a":-0})"), "accepted");
  EXPECT_EQ(why(R"({"a":1.7e308})"), "accepted");
  for (const auto* text :
       {R"({"a":18446744073709551616})", R"({"a":-9223372036854775809})",
        R"({"a":[100000000000000000000000000000]})", R"({"a":1e400})", R"({"a":-1e400})"}) {
    EXPECT_THAT(why(text), HasSubstr("out of range")) << text;
  }
}

TEST(JsonRead, RefusesBrokenText) {
  EXPECT_THAT(why(R"({"a":"x\u0000y"})"), HasSubstr("NUL"));
  EXPECT_THAT(why(R"({"a\u0000":1})"), HasSubstr("NUL"));
  for (const std::string text :
       {"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"\xff\":1}",
        "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00x\"}", "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\n\"}"}) {
    EXPECT_THAT(why(text), HasSubstr("not valid JSON")) << text;
  }
}

TEST(JsonRead, RefusesWhatIsNotOneObject) {
  for (const auto* text : {"", " ", "{", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{a:1}", "nul",
                           "{\"a\":01}", "{\"a\":NaN}", "{\"a\":Infinity}", "{}/*x*/"}) {
    EXPECT_NE(why(text), "accepted") << text;
  }
  EXPECT_THAT(why("{} x"), HasSubstr("behind"));
  EXPECT_THAT(why("{}{}"), HasSubstr("behind"));
  EXPECT_THAT(why("[]"), HasSubstr("must be a JSON object"));
  EXPECT_THAT(why("\"a\""), HasSubstr("must be a JSON object"));
}

TEST(JsonRead, NeverRepeatsWhatWasSent) {
  EXPECT_THAT(why(R"({"canary":canary})"), testing::Not(HasSubstr("canary")));
}

struct Noted : testing::Test {
  FieldProblems problems;

  std::vector<std::string> pointers() const {
    std::vector<std::string> all;
    for (const auto& problem : problems) all.push_back(problem.pointer);
    return all;
  }
};
using ObjectReaderTest = Noted;
using QueryReaderTest = Noted;

TEST_F(ObjectReaderTest, TakesWellTypedMembers) {
  const auto object = *parse_object(
      R"({"content":"hi","user_id":"17","seq":3,"timestamp":"1970-01-01T00:00:01Z",
          "kind":"image","role":"admin","user_ids":["1","2"],"nothing":null})");
  ObjectReader reader(object, problems);
  EXPECT_EQ(reader.required_string("content"), "hi");
  EXPECT_EQ(reader.optional_id<msg::UserId>("user_id"), msg::UserId{17});
  EXPECT_EQ(reader.required_seq("seq"), msg::Seq{3});
  EXPECT_EQ(reader.optional_time("timestamp"), msg::Time{std::chrono::seconds{1}});
  EXPECT_EQ(reader.optional_kind("kind"), msg::MessageKind::image);
  EXPECT_EQ(reader.required_role("role"), msg::Role::admin);
  EXPECT_EQ(reader.optional_user_ids("user_ids").size(), 2U);
  EXPECT_FALSE(reader.optional_string("nothing"));
  EXPECT_FALSE(reader.optional_string("absent"));
  EXPECT_TRUE(problems.empty());
}

TEST_F(ObjectReaderTest, NotesEveryProblemWithItsPointer) {
  const auto object = *parse_object(
      R"({"content":7,"user_id":17,"other":"017","seq":0,"timestamp":"yesterday","kind":"fax",
          "role":"king","user_ids":["1",2],"limit":1.5})");
  ObjectReader reader(object, problems);
  reader.required_string("content");
  reader.required_string("title");
  reader.optional_id<msg::UserId>("user_id");
  reader.optional_id<msg::UserId>("other");
  reader.required_seq("seq");
  reader.optional_time("timestamp");
  reader.optional_kind("kind");
  reader.required_role("role");
  reader.optional_user_ids("user_ids");
  reader.optional_integer("limit");
  EXPECT_THAT(pointers(),
              testing::ElementsAre("/content", "/title", "/user_id", "/other", "/seq", "/timestamp",
                                   "/kind", "/role", "/user_ids/1", "/limit"));
}

TEST_F(QueryReaderTest, TakesParametersAndNotesProblems) {
  const QueryReader::Query query{{"limit", "5"},    {"from", "1970-01-01T01:00:00 01:00"},
                                 {"empty", ""},     {"before", "x"},
                                 {"twice", "1"},    {"twice", "2"},
                                 {"user_id", "-1"}, {"big", "99999999999999999999"}};
  QueryReader reader(query, problems);
  EXPECT_EQ(reader.optional_integer("limit"), 5);
  EXPECT_EQ(reader.optional_time("from"), msg::Time{}) << "a plus that came as a space";
  EXPECT_FALSE(reader.optional_string("empty"));
  EXPECT_TRUE(problems.empty());
  reader.optional_seq("before");
  reader.optional_string("twice");
  reader.optional_id<msg::UserId>("user_id");
  reader.optional_integer("big");
  EXPECT_THAT(pointers(), testing::ElementsAre("?before", "?twice", "?user_id", "?big"));
}

TEST(ParseDigits, KnowsOneTextPerNumber) {
  EXPECT_EQ(parse_digits("9223372036854775807"), INT64_MAX);
  for (const auto* text : {"", "0", "01", "-1", "+1", " 1", "1 ", "9223372036854775808", "1e3"}) {
    EXPECT_FALSE(parse_digits(text)) << text;
  }
}

}  // namespace
}  // namespace msgd
