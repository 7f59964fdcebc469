// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/clock.h"
#include "core/cursor.h"
#include "core/secrets.h"
#include "core/text.h"

namespace msg {
namespace {

TEST(Text, CountsCodePointsOfValidUtf8) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("plain ascii, longer than eight"), 30u);
  EXPECT_EQ(count_code_points("grüße"), 5u);
  EXPECT_EQ(count_code_points("👋🏽"), 2u);
  EXPECT_EQ(count_code_points("\xF4\x8F\xBF\xBF"), 1u);  // U+10FFFF
}

TEST(Text, RefusesWhatRfc3629Refuses) {
  for (const std::string bytes :
       {"\x80", "\xC0\xAF", "\xC1\x81", "\xC3", "\xE0\x80\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xE2\x82", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xF0\x9F\x91"}) {
    EXPECT_FALSE(count_code_points(bytes));
    EXPECT_FALSE(count_code_points("12345678" + bytes + "abc"));
  }
}

TEST(MessageIdText, HasOneFormPerId) {
  const MessageId id{ConversationId{7261430912345088}, Seq{42}};
  EXPECT_EQ(to_string(id), "7261430912345088-42");
  EXPECT_EQ(parse_message_id("7261430912345088-42"), id);
  for (const char* text : {"", "-", "1-", "-1", "1-0", "0-1", "01-1", "1-01", "1-1 ", " 1-1",
                           "+1-1", "1--1", "99999999999999999999-1", "1-1-1", "a-1"}) {
    EXPECT_FALSE(parse_message_id(text)) << text;
  }
}

TEST(VersionClock, RisesWhateverTheClockDoes) {
  VersionClock clock(Version{0});
  Version last{};
  for (const int ms : {1000, 1000, 1000, 5, 0, 2000, 1999, 2000}) {
    const Version next = clock.next(Time{std::chrono::milliseconds(ms)});
    EXPECT_GT(next, last);
    last = next;
  }
  EXPECT_EQ(time_of(last), Time{std::chrono::milliseconds(2000)});
}

TEST(IdSource, NeverRepeatsWithinAProcess) {
  const Time start{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  IdSource a(1);
  IdSource b(2);
  std::set<std::int64_t> ids;
  for (int i = 0; i < 10'000; ++i) {
    const Time now = start + std::chrono::milliseconds(i % 7);  // jumps back, too
    ids.insert(a.next(now));
    ids.insert(b.next(now));
  }
  EXPECT_EQ(ids.size(), 20'000u);
  EXPECT_GT(*ids.begin(), 0);
}

class CursorTest : public testing::Test {
 protected:
  static StoreIdentity identity(unsigned char secret, std::int64_t epoch) {
    StoreIdentity made{.epoch = epoch};
    made.cursor_secret.fill(secret);
    return made;
  }
  CursorCodec codec_{identity(1, 1)};
};

TEST_F(CursorTest, GivesBackWhatWentIn) {
  const std::array<std::int64_t, 3> fields{0, -5, std::numeric_limits<std::int64_t>::max()};
  std::array<std::int64_t, 3> back{};
  ASSERT_TRUE(codec_.decode(codec_.encode(CursorKind::history, fields), CursorKind::history, back));
  EXPECT_EQ(back, fields);
}

TEST_F(CursorTest, RefusesEveryChangeOfEveryCharacter) {
  SyncCursor cursor;
  cursor.since.up_to = {Version{123}, Version{456}};
  const std::string text = encode_sync_cursor(codec_, cursor);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'A', 'z', '-', '=', ' ', '\0'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(decode_sync_cursor(codec_, changed)) << i;
    }
    EXPECT_FALSE(decode_sync_cursor(codec_, text.substr(0, i)));
  }
  EXPECT_TRUE(decode_sync_cursor(codec_, text));
}

TEST_F(CursorTest, TheSyncCursorComesBackAndIsShortWhateverItHolds) {
  SyncCursor cursor;
  for (std::size_t i = 0; i < kWritersMax; ++i) {
    const auto now = (std::int64_t{1'900'000'000'000} << 16) + static_cast<std::int64_t>(i);
    cursor.since.up_to.at(i) = Version{now};
    cursor.done.up_to.at(i) = Version{now + (std::int64_t{86'400'000'000} << 16)};  // years between
    cursor.round.up_to.at(i) = Version{now + (std::int64_t{172'800'000'000} << 16)};
  }
  cursor.progress = {Version{INT64_MAX}, ConversationId{INT64_MAX}};
  cursor.user = UserId{INT64_MAX};
  cursor.is_paging = true;
  cursor.tags.fill(UINT32_MAX);
  const std::string text = encode_sync_cursor(codec_, cursor);
  EXPECT_LT(text.size(), 1024u);
  EXPECT_EQ(*decode_sync_cursor(codec_, text), cursor);

  SyncCursor first;  // the very first page: all is new
  first.round = cursor.round;
  first.is_paging = true;
  EXPECT_LT(encode_sync_cursor(codec_, first).size(), 1024u);
  EXPECT_EQ(*decode_sync_cursor(codec_, encode_sync_cursor(codec_, first)), first);

  SyncCursor one;
  one.since.up_to.front() = Version{std::int64_t{1'900'000'000'000} << 16};
  EXPECT_LT(encode_sync_cursor(codec_, one).size(), 40u) << "one writer, the usual case";
}

TEST_F(CursorTest, RefusesTheSyncCursorOfAnEarlierForm) {
  EXPECT_TRUE(decode_sync_cursor(codec_, codec_.seal(CursorKind::sync, std::string(1, '\0'))));
  for (const char flags : {1, 3, 127}) {  // 1: paging, and it does not say whose
    const auto text = codec_.seal(CursorKind::sync, std::string{flags, 9, 9, 0, 5, 0, 0});
    const auto decoded = decode_sync_cursor(codec_, text);
    ASSERT_FALSE(decoded) << int{flags};
    EXPECT_EQ(decoded.error().code, Code::invalid_argument);
    EXPECT_EQ(decoded.error().field, "cursor");
  }
}

TEST_F(CursorTest, BelongsToOneStoreAndOneKindOfList) {
  const std::array<std::int64_t, 2> fields{1, 2};
  std::array<std::int64_t, 2> back{};
  const std::string text = codec_.encode(CursorKind::members, fields);
  EXPECT_FALSE(codec_.decode(text, CursorKind::users, back));
  EXPECT_FALSE(CursorCodec(identity(2, 1)).decode(text, CursorKind::members, back));
  EXPECT_FALSE(CursorCodec(identity(1, 2)).decode(text, CursorKind::members, back));
}

TEST(Secrets, TokensAreUniqueAndRequestsHashApart) {
  EXPECT_NE(make_token("mss_"), make_token("mss_"));
  EXPECT_EQ(make_token("mss_").size(), 47u);
  Draft a;
  a.content = "x";
  Draft b = a;
  EXPECT_EQ(hash_request(a), hash_request(b));
  b.client_id = "another";
  EXPECT_EQ(hash_request(a), hash_request(b)) << "the key is not part of the request";
  b.reply_to = Seq{1};
  EXPECT_NE(hash_request(a), hash_request(b));
}

}  // namespace
}  // namespace msg
