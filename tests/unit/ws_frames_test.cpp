// SPDX-License-Identifier: Apache-2.0
#include "net/ws_frames.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace msgd {
namespace {

using Kind = WsEvent::Kind;
using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr TimePoint kNow = TimePoint{} + 1h;

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code;

  friend bool operator==(const Seen&, const Seen&) = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "{kind " << static_cast<int>(seen.kind) << ", \"" << seen.payload << "\", " << seen.code
       << "}";
}

/// A client's frame: masked, with the length in its shortest form.
std::string frame(int first, std::string payload, std::string mask = "\x12\x34\x56\x78") {
  std::string out(1, static_cast<char>(first));
  const std::size_t size = payload.size();
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size < 0x10000) {
    out += static_cast<char>(0x80 | 126);
    for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  out += mask;
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return out + payload;
}

std::string close_payload(unsigned code, const std::string& reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason;
}

void feed(WsFrameParser& parser, std::string bytes, std::vector<Seen>& seen, TimePoint now = kNow) {
  std::span<char> input(bytes);
  while (true) {
    const WsEvent event = parser.next(input, now);
    if (event.kind == Kind::need_more) break;
    seen.push_back(
        {event.kind, event.kind == Kind::violation ? "" : std::string(event.payload), event.code});
  }
  EXPECT_TRUE(input.empty());
}

std::vector<Seen> parse(const std::vector<std::string>& pieces, const WsLimits& limits = {}) {
  WsFrameParser parser(limits);
  std::vector<Seen> seen;
  for (const std::string& piece : pieces) feed(parser, piece, seen);
  return seen;
}

/// The same bytes whole, byte by byte, in every split in two, and in random pieces.
void expect_in_all_splits(const std::string& bytes, const std::vector<Seen>& expected,
                          const WsLimits& limits = {}) {
  EXPECT_EQ(parse({bytes}, limits), expected);
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  EXPECT_EQ(parse(single, limits), expected);
  const std::size_t step = bytes.size() > 2000 ? 997 : 1;
  for (std::size_t i = 0; i <= bytes.size(); i += step) {
    ASSERT_EQ(parse({bytes.substr(0, i), bytes.substr(i)}, limits), expected) << "split at " << i;
  }
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = 1 + random() % 40;
      pieces.push_back(bytes.substr(at, size));
      at += size;
    }
    ASSERT_EQ(parse(pieces, limits), expected);
  }
}

Seen text(std::string payload) {
  return {Kind::text, std::move(payload), 0};
}
Seen violation(std::uint16_t code) {
  return {Kind::violation, "", code};
}

TEST(WsFrames, DeliversWhatASessionSendsInAnySplitting) {
  const std::string long_text(300, 'x');
  expect_in_all_splits(
      frame(0x81, "hello") + frame(0x81, "") + frame(0x81, "grüß dich \U0001F600") +
          frame(0x01, "a") + frame(0x89, "are you there") + frame(0x00, "") + frame(0x80, "b") +
          frame(0x8A, "") + frame(0x81, long_text) + frame(0x88, close_payload(1000, "bye")),
      {text("hello"),
       text(""),
       text("grüß dich \U0001F600"),
       {Kind::ping, "are you there", 0},
       text("ab"),
       {Kind::pong, "", 0},
       text(long_text),
       {Kind::close, "bye", 1000}});
}

TEST(WsFrames, TakesTheLongestMessageAndNotOneByteMore) {
  const std::string most(64 * 1024, 'm');
  expect_in_all_splits(frame(0x81, most), {text(most)});
  expect_in_all_splits(frame(0x81, most + "x").substr(0, 10), {violation(1009)});
  // Judged by what the frames declare together, before the payload is there.
  expect_in_all_splits(frame(0x01, most.substr(1)) + frame(0x80, "xx").substr(0, 2),
                       {violation(1009)});
}

TEST(WsFrames, RefusesEachBrokenRuleWithItsCode) {
  struct Case {
    const char* rule;
    std::string bytes;
    std::uint16_t code;
  };
  const std::string big(126, 'p');
  const std::vector<Case> cases = {
      {"unmasked", "\x81\x05hello", 1002},
      {"rsv1", frame(0xC1, "x"), 1002},
      {"rsv2", frame(0xA1, "x"), 1002},
      {"rsv3", frame(0x91, "x"), 1002},
      {"reserved data opcode 3", frame(0x83, "x"), 1002},
      {"reserved data opcode 7", frame(0x87, "x"), 1002},
      {"reserved control opcode 11", frame(0x8B, "x"), 1002},
      {"reserved control opcode 15", frame(0x8F, "x"), 1002},
      {"binary", frame(0x82, "x"), 1003},
      {"binary, first fragment", frame(0x02, "x"), 1003},
      {"fragmented ping", frame(0x09, "x"), 1002},
      {"fragmented close", frame(0x08, ""), 1002},
      {"ping of 126", frame(0x89, big), 1002},
      {"close of 126", frame(0x88, big), 1002},
      {"continuation of nothing", frame(0x80, "x"), 1002},
      {"text inside a text", frame(0x01, "a") + frame(0x81, "b"), 1002},
      {"binary inside a text", frame(0x01, "a") + frame(0x82, "b"), 1002},
      {"length 125 in 16 bits", "\x81\xFE\x00\x7D"s, 1002},
      {"length 0 in 16 bits", "\x81\xFE\x00\x00"s, 1002},
      {"length 65535 in 64 bits", "\x81\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s, 1002},
      {"length 2^63", "\x81\xFF\x80\x00\x00\x00\x00\x00\x00\x00"s, 1002},
      {"length 2^64-1", "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, 1002},
      {"length 2^63-1", "\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, 1009},
      {"close of one byte", frame(0x88, "\x03"), 1002},
      {"close 0", frame(0x88, close_payload(0)), 1002},
      {"close 999", frame(0x88, close_payload(999)), 1002},
      {"close 1004", frame(0x88, close_payload(1004)), 1002},
      {"close 1005", frame(0x88, close_payload(1005)), 1002},
      {"close 1006", frame(0x88, close_payload(1006)), 1002},
      {"close 1015", frame(0x88, close_payload(1015)), 1002},
      {"close 1016", frame(0x88, close_payload(1016)), 1002},
      {"close 2999", frame(0x88, close_payload(2999)), 1002},
      {"close 5000", frame(0x88, close_payload(5000)), 1002},
      {"close 65535", frame(0x88, close_payload(65535)), 1002},
      {"close reason not UTF-8", frame(0x88, close_payload(1000, "\xFF")), 1007},
      {"close reason cut short", frame(0x88, close_payload(1000, "\xC3")), 1007},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.rule);
    // Nothing after the violation counts, not even a good frame.
    expect_in_all_splits(c.bytes + frame(0x81, "ignored"), {violation(c.code)});
  }
}

TEST(WsFrames, TakesEveryCloseCodeThatIsAllowed) {
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u,
                              1013u, 1014u, 3000u, 3999u, 4000u, 4999u}) {
    EXPECT_EQ(parse({frame(0x88, close_payload(code))}),
              (std::vector<Seen>{{Kind::close, "", static_cast<std::uint16_t>(code)}}));
  }
  EXPECT_EQ(parse({frame(0x88, "")}), (std::vector<Seen>{{Kind::close, "", 1005}}));
}

TEST(WsFrames, SeesBadTextInAnyPositionOfAnyFragment) {
  const std::vector<std::string> bad = {
      "\x80",                  // a continuation alone
      "\xC0\xAF",              // overlong, 2 bytes
      "\xC1\xBF",              //
      "\xE0\x80\xAF",          // overlong, 3 bytes
      "\xE0\x9F\xBF",          //
      "\xF0\x80\x80\xAF",      // overlong, 4 bytes
      "\xF0\x8F\xBF\xBF",      //
      "\xED\xA0\x80",          // first surrogate
      "\xED\xBF\xBF",          // last surrogate
      "\xF4\x90\x80\x80",      // U+110000
      "\xF5\x80\x80\x80",      //
      "\xF8\x88\x80\x80\x80",  // 5 bytes
      "\xFE",                  //
      "\xFF",                  //
      "\xC3(",                 // a character broken off
      "\xE2\x82(",             //
      "\xC3",                  // at the end
      "\xE2\x82",              //
      "\xF0\x9F\x98",          //
  };
  for (const std::string& wrong : bad) {
    for (const std::string& before : {""s, "a"s, "1234567"s, "12345678"s, "ü"s}) {
      SCOPED_TRACE(testing::PrintToString(before + wrong));
      expect_in_all_splits(frame(0x81, before + wrong), {violation(1007)});
      for (std::size_t i = 0; i <= wrong.size(); ++i) {
        ASSERT_EQ(parse({frame(0x01, before + wrong.substr(0, i)), frame(0x80, wrong.substr(i))}),
                  std::vector<Seen>{violation(1007)});
      }
    }
  }
}

TEST(WsFrames, TakesEveryBoundaryOfUtf8) {
  for (const std::string& good :
       {"\x01\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
        "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "\0"s}) {
    expect_in_all_splits(frame(0x81, good), {text(good)});
  }
}

TEST(WsFrames, FailsAtTheFirstBadByteWithoutWaitingForTheRest) {
  WsLimits limits;
  WsFrameParser parser(limits);
  std::vector<Seen> seen;
  feed(parser, frame(0x01, "ok \xC0 and much more to come").substr(0, 6 + 4), seen);
  EXPECT_EQ(seen, std::vector<Seen>{violation(1007)});
}

TEST(WsFrames, CountsFragments) {
  WsLimits limits{.frames_per_second_max = 1'000'000};
  std::string bytes = frame(0x01, "");
  std::string empty_ones;
  for (unsigned i = 1; i < limits.fragments_max; ++i) empty_ones += frame(0x00, "");
  EXPECT_EQ(parse({bytes + empty_ones}, limits), std::vector<Seen>{});
  EXPECT_EQ(parse({bytes + empty_ones + frame(0x80, "")}, limits),
            std::vector<Seen>{violation(1008)});
}

TEST(WsFrames, CountsFramesAndPingsPerSecond) {
  WsLimits limits;
  WsFrameParser parser(limits);
  std::vector<Seen> seen;
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 100; ++i) {
      feed(parser, frame(i % 5 == 0 ? 0x89 : 0x81, ""), seen, kNow + second * 1s);
    }
  }
  EXPECT_EQ(seen.size(), 300u);
  feed(parser, frame(0x81, ""), seen, kNow + 2999ms);
  EXPECT_EQ(seen.back(), violation(1008));

  WsFrameParser pinged(limits);
  seen.clear();
  for (int i = 0; i < 21; ++i) feed(pinged, frame(0x89, ""), seen);
  EXPECT_EQ(seen.size(), 21u);
  EXPECT_EQ(seen.back(), violation(1008));
}

TEST(WsFrames, IgnoresEverythingAfterAClose) {
  EXPECT_EQ(parse({frame(0x88, ""), frame(0x81, "late"), "\xFF\xFF\xFF"}),
            (std::vector<Seen>{{Kind::close, "", 1005}}));
}

TEST(WsFrames, SurvivesRandomBytesWithinItsMemory) {
  std::mt19937 random(std::random_device{}());
  WsLimits limits{.message_bytes_max = 4096};
  for (int round = 0; round < 20'000; ++round) {
    WsFrameParser parser(limits);
    std::vector<Seen> seen;
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (bytes.size() > 2 && round % 2 == 0) {  // more often a plausible beginning
      bytes[0] = static_cast<char>(bytes[0] & 0x8F);
      bytes[1] = static_cast<char>(bytes[1] | 0x80);
    }
    feed(parser, bytes, seen);
    for (const Seen& event : seen) EXPECT_LE(event.payload.size(), 4096u);
  }
}

TEST(WsFrames, UnmasksFromAnyPhase) {
  const std::array<char, 4> mask = {'\x01', '\x02', '\x04', '\x08'};
  for (unsigned phase = 0; phase < 4; ++phase) {
    for (std::size_t size = 0; size < 40; ++size) {
      std::string bytes(size, '\x55');
      unmask(bytes, mask, phase);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(bytes[i], static_cast<char>(0x55 ^ mask[(phase + i) % 4]));
      }
    }
  }
}

TEST(WsFrames, MakesFramesWithTheShortestLength) {
  EXPECT_EQ(*make_text_frame("hi"), "\x81\x02hi");
  EXPECT_EQ(*make_text_frame(std::string(125, 'x')), "\x81\x7D" + std::string(125, 'x'));
  EXPECT_EQ(*make_text_frame(std::string(126, 'x')), "\x81\x7E\x00\x7E"s + std::string(126, 'x'));
  EXPECT_EQ(make_text_frame(std::string(0x10000, 'x'))->substr(0, 10),
            "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
  EXPECT_EQ(*make_ping_frame(), "\x89\x00"s);
  EXPECT_EQ(*make_pong_frame("p"), "\x8A\x01p");
  EXPECT_EQ(*make_close_frame(1000, "ok"), "\x88\x04\x03\xE8ok");
  EXPECT_EQ(*make_close_frame(1005, "never said"), "\x88\x00"s);
}

TEST(WsFrames, CutsALongCloseReasonBetweenCharacters) {
  const SharedFrame frame = make_close_frame(1000, std::string(122, 'x') + "ü");
  EXPECT_EQ(frame->size(), 2u + 2u + 122u);
}

}  // namespace
}  // namespace msgd
