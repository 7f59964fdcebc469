// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/options.h"
#include "net/timer_wheel.h"
#include "net/utf8.h"
#include "net/ws_transport.h"

namespace msgd {

/// Close codes of RFC 6455 §7.4 and docs/websocket-api.md that this layer uses itself.
namespace ws_close {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t no_status = 1005;  // never on the wire
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t policy = 1008;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t service_restart = 1012;
inline constexpr std::uint16_t try_again = 1013;
}  // namespace ws_close

/// What the peer's bytes amount to.
struct WsEvent {
  enum class Kind {
    need_more,  ///< The input is used up.
    text,       ///< `payload`: one whole message, UTF-8.
    ping,       ///< `payload` to send back.
    pong,
    close,      ///< `code` (1005 when there is none); `payload` is the reason, UTF-8.
    violation,  ///< `code` to close with; `payload` says why, a literal.
  };
  Kind kind{Kind::need_more};
  std::string_view payload{};
  std::uint16_t code{0};
};

/// Takes a client's bytes apart into messages and control frames (RFC 6455 §5), however they were
/// split on the way. Does no input or output.
///
/// Refuses: unmasked frames, reserved bits, unknown opcodes, wrong order of fragments, control
/// frames that are long or fragmented, lengths not in their shortest form, bad close payloads
/// (1002); binary (1003); text or close reason that is not UTF-8, at the first bad byte (1007); too
/// many fragments, frames or pings (1008); messages over the limit, judged by the length that the
/// frame declares, before its payload (1009). After a violation or a close every byte is ignored.
///
/// Memory: a frame that arrives whole is decoded in place and costs nothing. Otherwise as many
/// bytes are kept as have arrived, at most the message limit, and released with the message.
///
/// Thread safety: none, one thread.
class WsFrameParser {
 public:
  /// `limits` must outlive the parser.
  explicit WsFrameParser(const WsLimits& limits) : limits_(&limits) {}

  /// Takes bytes off the front of `input` until there is an event. Changes the bytes (unmasks
  /// them); the event's payload is valid until the next call or until `input` goes.
  WsEvent next(std::span<char>& input, TimePoint now);

 private:
  WsEvent violation(std::uint16_t code, std::string_view why);
  WsEvent take_header_byte(char byte, TimePoint now);
  WsEvent check_first_two(TimePoint now);
  WsEvent check_rates(bool ping, TimePoint now);
  WsEvent check_length();
  WsEvent take_payload(std::span<char>& input);
  WsEvent take_text(std::string_view piece);
  WsEvent take_control(std::string_view piece);
  WsEvent finish_close(std::string_view payload);
  unsigned header_bytes() const;

  const WsLimits* limits_;
  std::string message_;             // what has arrived of a message that came in pieces
  std::uint64_t remaining_{0};      // payload bytes of this frame still to come
  std::uint64_t message_bytes_{0};  // declared by the frames of this message so far
  TimePoint window_start_{};        // rates are counted in windows of a second
  std::uint32_t window_frames_{0};
  std::uint32_t window_pings_{0};
  std::uint32_t fragments_{0};
  std::array<char, 14> header_{};
  std::array<char, 125> control_{};  // payload of a control frame in pieces
  std::uint8_t header_size_{0};
  std::uint8_t control_size_{0};
  std::uint8_t mask_phase_{0};
  bool in_payload_{false};
  bool in_message_{false};  // a text message has begun and not ended
  bool delivered_{false};   // message_ was handed out
  bool dead_{false};
  Utf8Checker utf8_;
};

/// XORs `bytes` with the mask, beginning at its byte number `phase` (0–3).
void unmask(std::span<char> bytes, std::array<char, 4> mask, unsigned phase);

/// Frames as a server sends them: final, unmasked. Payloads of control frames are cut at 125 bytes,
/// a close reason at 123 (at a character).
SharedFrame make_ping_frame();
SharedFrame make_pong_frame(std::string_view payload);
SharedFrame make_close_frame(std::uint16_t code, std::string_view reason);

}  // namespace msgd
