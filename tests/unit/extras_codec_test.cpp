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

AnnotationRow full_annotation() {
  return {.message = {ConversationId{1}, Seq{2}},
          .user = UserId{3},
          .hidden = kVersion,
          .reactions = {{.emoji = "👍", .version = kVersion, .at = time_of(kVersion)}}};
}

TEST(ExtrasCodec, NothingIsNoBytes) {
  EXPECT_EQ(encode_extras(Message{}), "");
  EXPECT_EQ(encode_extras(MemberRow{}), "");
  EXPECT_EQ(encode_pins(ConversationRow{}), "");
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
  MemberRow member;
  ASSERT_TRUE(decode_extras(encode_extras(full_member()), member));
  EXPECT_EQ(member, full_member());
  ConversationRow conversation;
  conversation.pins = {Seq{900}, Seq{2}, Seq{3}};
  ConversationRow back;
  ASSERT_TRUE(decode_pins(encode_pins(conversation), back));
  EXPECT_EQ(back, conversation);
  const AnnotationRow row = full_annotation();
  EXPECT_EQ(decode_annotation(row.message, row.user, encode_annotation(row)), row);
}

/// Cut short anywhere, with a byte behind it, and with each byte another.
template <class Decode>
void refuse_damage(const std::string& bytes, Decode decode) {
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode(bytes.substr(0, size))) << size;
  }
  ASSERT_FALSE(decode(bytes + '\0'));
  std::string other = bytes;
  other.front() = 2;
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
  ConversationRow conversation;
  conversation.pins = {Seq{1}};
  refuse_damage(encode_pins(conversation),
                [&](const std::string& bytes) { return decode_pins(bytes, conversation); });
  const AnnotationRow row = full_annotation();
  const auto decode = [&](const std::string& bytes) {
    return decode_annotation(row.message, row.user, bytes);
  };
  refuse_damage(encode_annotation(row), decode);
  EXPECT_FALSE(decode(""));
}

TEST(ExtrasCodec, ACountFromOutsideTakesNoMemory) {
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\x7f";
  Message message;
  EXPECT_FALSE(decode_extras(std::string("\x01\x01") + huge, message));
  EXPECT_FALSE(decode_extras(std::string("\x01\x04") + huge, message));
  EXPECT_FALSE(decode_extras(std::string("\x01\x10") + huge, message)) << "an unknown flag";
  EXPECT_FALSE(decode_extras(std::string("\x01\x00", 2), message)) << "no flag";
  ConversationRow conversation;
  EXPECT_FALSE(decode_pins(std::string("\x01") + huge, conversation));
}

}  // namespace
}  // namespace msg
