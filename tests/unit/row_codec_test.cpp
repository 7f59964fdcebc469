// SPDX-License-Identifier: Apache-2.0
#include "core/row_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "core/varint.h"

namespace msg {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

ReceiptRun run(std::int64_t up_to, std::int64_t at) {
  return {.up_to = Seq{up_to}, .at = Time{std::chrono::milliseconds{at}}};
}

TEST(Varint, ComesBackWhateverTheNumber) {
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
                                    std::int64_t{127}, std::int64_t{128}, kMin, kMax}) {
    std::string bytes;
    put_varint(bytes, static_cast<std::uint64_t>(number));
    put_zigzag(bytes, number);
    put_fixed64(bytes, static_cast<std::uint64_t>(number));
    put_text(bytes, "text");
    ByteReader reader(bytes);
    EXPECT_EQ(reader.varint(), static_cast<std::uint64_t>(number));
    EXPECT_EQ(reader.zigzag(), number);
    EXPECT_EQ(reader.fixed64(), static_cast<std::uint64_t>(number));
    EXPECT_EQ(reader.text(), "text");
    EXPECT_TRUE(reader.done());
  }
}

TEST(Varint, HasOneSpellingForEachNumber) {
  for (const std::string& bytes : {std::string("\x80\x00", 2), std::string("\xff", 1),
                                   std::string(9, '\x80') + '\x02', std::string(11, '\x81')}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.varint(), 0U);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(Varint, ReaderStaysBadOnceItFailed) {
  ByteReader reader(
      std::string_view("\x05"
                       "ab",
                       3));
  EXPECT_EQ(reader.text(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.byte(), 0);
  EXPECT_FALSE(reader.done());
}

TEST(RowCodec, SenderCountsComeBack) {
  const std::vector<std::vector<SenderCount>> lists = {
      {},
      {{.user = UserId{1}, .count = 1}},
      {{.user = UserId{kMax}, .count = kMax}, {.user = UserId{kMin}, .count = kMin}},
      std::vector<SenderCount>(1000, {.user = UserId{std::int64_t{1} << 58}, .count = 300}),
  };
  for (const auto& list : lists) {
    const auto decoded = decode_sender_counts(encode_sender_counts(list));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, list);
  }
}

TEST(RowCodec, ReceiptRunsComeBack) {
  const std::vector<std::vector<ReceiptRun>> lists = {
      {},
      {run(1, 1'700'000'000'000)},
      {run(5, 1'700'000'000'000), run(9, 1'700'000'001'234)},
      {run(kMax, kMin), run(kMin, kMax), run(0, 0), run(kMin, kMin)},
  };
  for (const auto& list : lists) {
    const auto decoded = decode_receipt_runs(encode_receipt_runs(list));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, list);
  }
}

RevisionsRow revisions_row() {
  RevisionsRow row{.message = {ConversationId{7}, Seq{3}}, .dropped_up_to = Version{9 << 16}};
  for (int i = 10; i < 13; ++i) {
    const Version version{std::int64_t{i} << 16};
    row.revisions.push_back({.by = UserId{i % 2 == 0 ? kMax : kMin},
                             .version = version,
                             .at = time_of(version),
                             .deletion = i == 12,
                             .content = std::string(static_cast<std::size_t>(i - 10) * 200, 'x')});
  }
  return row;
}

TEST(RowCodec, RevisionsComeBack) {
  const RevisionsRow row = revisions_row();
  const std::string bytes = encode_revisions(row);
  const auto decoded = decode_revisions(row.message, bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, row);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode_revisions(row.message, bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_revisions(row.message, bytes + '\0'));
}

TEST(RowCodec, ARunTakesAFewBytes) {
  std::vector<ReceiptRun> runs;
  for (std::size_t i = 0; i < kReceiptRunsMax; ++i) {
    const auto n = static_cast<std::int64_t>(i);
    runs.push_back(run(1000 + 3 * n, 1'700'000'000'000 + 60'000 * n));
  }
  EXPECT_LE(encode_receipt_runs(runs).size(), 12 + 4 * kReceiptRunsMax);
}

TEST(RowCodec, BytesCutShortOrLeftOverAreCorrupt) {
  const std::string senders =
      encode_sender_counts({{.user = UserId{7}, .count = 300}, {.user = UserId{8}, .count = 1}});
  const std::string runs = encode_receipt_runs({run(3, 1'700'000'000'000), run(300, 1)});
  for (std::size_t size = 0; size < senders.size(); ++size) {
    const auto decoded = decode_sender_counts(senders.substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, Code::corrupt);
  }
  for (std::size_t size = 0; size < runs.size(); ++size) {
    const auto decoded = decode_receipt_runs(runs.substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, Code::corrupt);
  }
  EXPECT_FALSE(decode_sender_counts(senders + '\0'));
  EXPECT_FALSE(decode_receipt_runs(runs + '\0'));
}

TEST(RowCodec, AHugeCountAllocatesNothing) {
  std::string bytes("\x01", 1);
  put_varint(bytes, std::numeric_limits<std::uint64_t>::max());
  EXPECT_FALSE(decode_sender_counts(bytes));
  EXPECT_FALSE(decode_receipt_runs(bytes));
}

TEST(RowCodec, RandomBytesNeverCrash) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() >> (random() % 8));
    if (bytes.size() > 1) {
      bytes[0] = '\x01';
      bytes[1] = static_cast<char>(random() % 8);
    }
    // What is accepted has one spelling, so it must encode to the same bytes.
    if (const auto senders = decode_sender_counts(bytes)) {
      EXPECT_EQ(encode_sender_counts(*senders), bytes);
    }
    if (const auto runs = decode_receipt_runs(bytes)) {
      EXPECT_EQ(encode_receipt_runs(*runs), bytes);
    }
  }
}

}  // namespace
}  // namespace msg
