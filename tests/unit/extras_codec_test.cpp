// SPDX-License-Identifier: Apache-2.0
#include "core/extras_codec.h"

#include <gtest/gtest.h>

namespace msg {
namespace {

constexpr Version kVersion{9 << 16};

Message full_message() {
  Message message;
  message.mentions = {UserId{1}, UserId{INT64_MAX}};
  message.forward = Forward{.hops = 300, .origin = MessageId{ConversationId{5}, Seq{1'000}}};
  message.reactions = {{.emoji = "👍", .count = 1}, {.emoji = "x", .count = 100'000}};
  message.pin = Pin{.by = UserId{7}, .version = kVersion, .at = time_of(kVersion)};
  return message;
}

MemberRow full_member() {
  MemberRow member;
  member.mentions = {Seq{3}, Seq{4}, Seq{1'000'000}};
  member.hidden = {{.seq = Seq{8}, .version = kVersion}};
  member.hidden_dropped_up_to = Version{1};
  return member;
}

MemberRow member_with_history() {
  MemberRow member = full_member();
  member.joined_after = Seq{1'000};
  return member;
}

ConversationRow pinned_conversation() {
  ConversationRow conversation;
  conversation.pins = {Seq{900}, Seq{2}, Seq{3}};
  return conversation;
}

ConversationRow full_conversation() {
  ConversationRow conversation = pinned_conversation();
  conversation.rules = {.send = Role::admin,
                        .add = Role::member,
                        .rename = Role::owner,
                        .pin = Role::member,
                        .slow_mode = kSlowModeMax,
                        .history_for_newcomers = true,
                        .members_max = INT64_MAX};
  conversation.direct = {
      .low_blocks = true, .high_blocks = false, .awaits_low = false, .awaits_high = true};
  return conversation;
}

AnnotationRow full_annotation() {
  return {.message = {ConversationId{1}, Seq{2}},
          .user = UserId{3},
          .hidden = kVersion,
          .reactions = {{.emoji = "👍", .version = kVersion, .at = time_of(kVersion)}}};
}

TEST(ExtrasCodec, NothingIsNoBytes) {
  EXPECT_EQ(encode_extras(Message{}), "");
  EXPECT_EQ(encode_extras(MemberRow{}), "");
  EXPECT_EQ(encode_extras(ConversationRow{}), "");
  Message message = full_message();
  ASSERT_TRUE(decode_extras("", message));
  EXPECT_EQ(message, full_message()) << "no bytes say nothing";
}

TEST(ExtrasCodec, EachComesBackAloneAndWithTheOthers) {
  for (unsigned parts = 0; parts < 16; ++parts) {
    Message message = full_message();
    if ((parts & 1) == 0) message.mentions.clear();
    if ((parts & 2) == 0) message.forward.reset();
    if ((parts & 4) == 0) message.reactions.clear();
    if ((parts & 8) == 0) message.pin.reset();
    EXPECT_EQ(has_extras(message), parts != 0);
    Message back;
    ASSERT_TRUE(decode_extras(encode_extras(message), back));
    EXPECT_EQ(back, message) << parts;
  }
  for (const MemberRow& member : {full_member(), member_with_history()}) {
    MemberRow back;
    ASSERT_TRUE(decode_extras(encode_extras(member), back));
    EXPECT_EQ(back, member);
  }
  for (const ConversationRow& conversation : {pinned_conversation(), full_conversation()}) {
    ConversationRow back;
    ASSERT_TRUE(decode_extras(encode_extras(conversation), back));
    EXPECT_EQ(back, conversation);
  }
  const AnnotationRow row = full_annotation();
  EXPECT_EQ(decode_annotation(row.message, row.user, encode_annotation(row)), row);
}

/// Rows from before there were rules are read, and whoever has none is still written like that.
TEST(ExtrasCodec, TheFirstVersionsStayAsTheyWere) {
  const std::string pins = {1, 2, 6, 4};  // version, count, 3, and 2 more
  ConversationRow conversation;
  ASSERT_TRUE(decode_extras(pins, conversation));
  EXPECT_EQ(conversation.pins, (std::vector{Seq{3}, Seq{5}}));
  EXPECT_EQ(conversation.rules, GroupRules{});
  EXPECT_EQ(conversation.direct, DirectState{});
  EXPECT_EQ(encode_extras(conversation), pins);
  EXPECT_EQ(encode_extras(full_member()).front(), 1);
  EXPECT_EQ(encode_extras(member_with_history()).front(), 2);
  EXPECT_EQ(encode_extras(full_conversation()).front(), 2);
}

/// Cut short anywhere, with a byte behind it, and with each byte another.
template <class Decode>
void refuse_damage(const std::string& bytes, Decode decode) {
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode(bytes.substr(0, size))) << size;
  }
  ASSERT_FALSE(decode(bytes + '\0'));
  std::string other = bytes;
  other.front() = 3;
  ASSERT_FALSE(decode(other)) << "another version";
}

TEST(ExtrasCodec, DamageIsRefusedAndChangesNothing) {
  Message message = full_message();
  refuse_damage(encode_extras(message),
                [&](const std::string& bytes) { return decode_extras(bytes, message); });
  EXPECT_EQ(message, full_message());
  MemberRow member = full_member();
  refuse_damage(encode_extras(member),
                [&](const std::string& bytes) { return decode_extras(bytes, member); });
  EXPECT_EQ(member, full_member());
  for (const ConversationRow& whole : {pinned_conversation(), full_conversation()}) {
    ConversationRow conversation = whole;
    refuse_damage(encode_extras(whole),
                  [&](const std::string& bytes) { return decode_extras(bytes, conversation); });
    EXPECT_EQ(conversation, whole);
  }
  MemberRow newcomer = member_with_history();
  refuse_damage(encode_extras(newcomer),
                [&](const std::string& bytes) { return decode_extras(bytes, newcomer); });
  EXPECT_EQ(newcomer, member_with_history());
  const AnnotationRow row = full_annotation();
  const auto decode = [&](const std::string& bytes) {
    return decode_annotation(row.message, row.user, bytes);
  };
  refuse_damage(encode_annotation(row), decode);
  EXPECT_FALSE(decode(""));
}

TEST(ExtrasCodec, RulesOutOfRangeAreRefused) {
  const std::string bytes = encode_extras(full_conversation());
  const auto refuses = [&](std::size_t from_end, char value) {
    std::string damaged = bytes;
    damaged[damaged.size() - from_end] = value;
    ConversationRow conversation;
    return !decode_extras(damaged, conversation);
  };
  constexpr std::size_t kMembersMax = 9;  // bytes of the varint of the largest number
  constexpr std::size_t kSlowMode = 3;
  constexpr std::size_t kHistory = kMembersMax + kSlowMode + 1;
  EXPECT_TRUE(refuses(kHistory, 2));
  for (std::size_t role = 1; role <= 4; ++role) EXPECT_TRUE(refuses(kHistory + role, 3)) << role;
  EXPECT_TRUE(refuses(kHistory + 5, 16)) << "flags of the direct conversation";
}

TEST(ExtrasCodec, ACountFromOutsideTakesNoMemory) {
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\x7f";
  Message message;
  EXPECT_FALSE(decode_extras(std::string("\x01\x01") + huge, message));
  EXPECT_FALSE(decode_extras(std::string("\x01\x04") + huge, message));
  EXPECT_FALSE(decode_extras(std::string("\x01\x10") + huge, message)) << "an unknown flag";
  EXPECT_FALSE(decode_extras(std::string("\x01\x00", 2), message)) << "no flag";
  ConversationRow conversation;
  EXPECT_FALSE(decode_extras(std::string("\x01") + huge, conversation));
}

}  // namespace
}  // namespace msg
