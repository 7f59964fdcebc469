// SPDX-License-Identifier: Apache-2.0
//
//   frame   = fin:1 rsv:3 opcode:4  mask:1 length:7  [length:16 | length:64]  mask-key:32  payload
//   length7 = 0..125 itself, 126: 16 bits follow, 127: 64 bits follow; big endian
#include "net/ws_frames.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

namespace msgd {
namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kRsv = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::size_t kControlMax = 125;

std::uint8_t byte_of(char c) {
  return static_cast<std::uint8_t>(c);
}

// Codes that may stand in a close frame: RFC 6455 §7.4 and the registry up to 1014.
bool may_close_with(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

void append_big_endian(std::string& to, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    to.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
  }
}

SharedFrame make_frame(std::uint8_t opcode, std::string_view payload) {
  auto frame = std::make_shared<std::string>();
  frame->reserve(payload.size() + 10);
  frame->push_back(static_cast<char>(kFin | opcode));
  if (payload.size() <= kControlMax) {
    append_big_endian(*frame, payload.size(), 1);
  } else if (payload.size() <= 0xFFFF) {
    frame->push_back(126);
    append_big_endian(*frame, payload.size(), 2);
  } else {
    frame->push_back(127);
    append_big_endian(*frame, payload.size(), 8);
  }
  frame->append(payload);
  return frame;
}

}  // namespace

void unmask(std::span<char> bytes, std::array<char, 4> mask, unsigned phase) {
  std::array<char, 8> turned{};
  for (unsigned i = 0; i < turned.size(); ++i) turned[i] = mask[(phase + i) % 4];
  const auto wide = std::bit_cast<std::uint64_t>(turned);
  std::size_t i = 0;
  for (; bytes.size() - i >= sizeof wide; i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= wide;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (std::size_t k = 0; i < bytes.size(); ++i, ++k) {
    bytes[i] = static_cast<char>(byte_of(bytes[i]) ^ byte_of(turned[k]));
  }
}

WsEvent WsFrameParser::next(std::span<char>& input, TimePoint now) {
  if (std::exchange(delivered_, false)) std::string{}.swap(message_);
  if (dead_) {
    input = {};
    return {};
  }
  for (;;) {
    if (in_payload_) {
      WsEvent event = take_payload(input);
      if (event.kind != WsEvent::Kind::need_more || in_payload_) return event;
    }
    if (input.empty()) return {};
    const char byte = input.front();
    input = input.subspan(1);
    if (WsEvent event = take_header_byte(byte, now); event.kind != WsEvent::Kind::need_more) {
      return event;
    }
  }
}

WsEvent WsFrameParser::violation(std::uint16_t code, std::string_view why) {
  dead_ = true;
  std::string{}.swap(message_);
  return {.kind = WsEvent::Kind::violation, .payload = why, .code = code};
}

// Bytes of the header without the mask key, known once two have arrived.
unsigned WsFrameParser::header_bytes() const {
  const unsigned length = byte_of(header_[1]) & 0x7Fu;
  return length == 127 ? 10 : length == 126 ? 4 : 2;
}

WsEvent WsFrameParser::take_header_byte(char byte, TimePoint now) {
  header_[header_size_++] = byte;
  if (header_size_ < 2) return {};
  if (header_size_ == 2) {
    if (WsEvent bad = check_first_two(now); bad.kind != WsEvent::Kind::need_more) return bad;
  }
  if (header_size_ == header_bytes()) return check_length();
  if (header_size_ == header_bytes() + 4) {
    mask_phase_ = 0;
    control_size_ = 0;
    in_payload_ = true;
  }
  return {};
}

WsEvent WsFrameParser::check_first_two(TimePoint now) {
  const std::uint8_t first = byte_of(header_[0]);
  const std::uint8_t opcode = first & 0x0F;
  const bool fin = (first & kFin) != 0;
  if ((first & kRsv) != 0) return violation(ws_close::protocol_error, "reserved bits are set");
  if ((byte_of(header_[1]) & kMasked) == 0) {
    return violation(ws_close::protocol_error, "frame is not masked");
  }
  if (opcode >= kClose) {
    if (opcode > kPong) return violation(ws_close::protocol_error, "unknown opcode");
    if (!fin) return violation(ws_close::protocol_error, "fragmented control frame");
    if ((byte_of(header_[1]) & 0x7Fu) > kControlMax) {
      return violation(ws_close::protocol_error, "long control frame");
    }
    return check_rates(opcode == kPing, now);
  }
  if (opcode > kBinary) return violation(ws_close::protocol_error, "unknown opcode");
  if (in_message_ != (opcode == kContinuation)) {
    return violation(ws_close::protocol_error, "fragments out of order");
  }
  if (opcode == kBinary) return violation(ws_close::unsupported_data, "text only");
  if (opcode == kText) {
    in_message_ = true;
    fragments_ = 0;
    message_bytes_ = 0;
    utf8_.reset();
  }
  if (++fragments_ > limits_->fragments_max) {
    return violation(ws_close::policy, "too many fragments");
  }
  return check_rates(false, now);
}

WsEvent WsFrameParser::check_rates(bool ping, TimePoint now) {
  if (now - window_start_ >= std::chrono::seconds(1)) {
    window_start_ = now;
    window_frames_ = 0;
    window_pings_ = 0;
  }
  if (++window_frames_ > limits_->frames_per_second_max) {
    return violation(ws_close::policy, "too many frames");
  }
  if (ping && ++window_pings_ > limits_->pings_per_second_max) {
    return violation(ws_close::policy, "too many pings");
  }
  return {};
}

WsEvent WsFrameParser::check_length() {
  std::uint64_t length = byte_of(header_[1]) & 0x7Fu;
  if (length >= 126) {
    const std::uint64_t shortest = length == 126 ? 126 : 0x10000;
    length = 0;
    for (unsigned i = 2; i < header_bytes(); ++i) length = length << 8 | byte_of(header_[i]);
    if (length >> 63 != 0) return violation(ws_close::protocol_error, "length has its high bit");
    if (length < shortest) return violation(ws_close::protocol_error, "length not in short form");
  }
  if ((byte_of(header_[0]) & 0x0F) < kClose) {
    // Both sides are under 2^63, so the sum cannot wrap.
    if (message_bytes_ + length > limits_->message_bytes_max) {
      return violation(ws_close::too_big, "message too big");
    }
    message_bytes_ += length;
  }
  remaining_ = length;
  return {};
}

WsEvent WsFrameParser::take_payload(std::span<char>& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  const std::span<char> bytes = input.first(size);
  input = input.subspan(size);
  std::array<char, 4> mask{};
  std::memcpy(mask.data(), header_.data() + header_bytes(), mask.size());
  unmask(bytes, mask, mask_phase_);
  mask_phase_ = static_cast<std::uint8_t>((mask_phase_ + size) % 4);
  remaining_ -= size;
  const std::string_view piece(bytes.data(), bytes.size());
  const bool control = (byte_of(header_[0]) & 0x0F) >= kClose;
  if (remaining_ == 0) {
    in_payload_ = false;
    header_size_ = 0;
  }
  return control ? take_control(piece) : take_text(piece);
}

WsEvent WsFrameParser::take_text(std::string_view piece) {
  const bool last = !in_payload_ && (byte_of(header_[0]) & kFin) != 0;
  if (!utf8_.feed(piece) || (last && !utf8_.complete())) {
    return violation(ws_close::invalid_text, "text is not UTF-8");
  }
  if (last) in_message_ = false;
  if (last && message_.empty()) return {.kind = WsEvent::Kind::text, .payload = piece};
  message_.append(piece);
  if (!last) return {};
  delivered_ = true;
  return {.kind = WsEvent::Kind::text, .payload = message_};
}

WsEvent WsFrameParser::take_control(std::string_view piece) {
  std::string_view payload = piece;
  if (in_payload_ || control_size_ != 0) {
    std::memcpy(control_.data() + control_size_, piece.data(), piece.size());
    control_size_ = static_cast<std::uint8_t>(control_size_ + piece.size());
    if (in_payload_) return {};
    payload = {control_.data(), control_size_};
  }
  switch (byte_of(header_[0]) & 0x0F) {
    case kPing:
      return {.kind = WsEvent::Kind::ping, .payload = payload};
    case kPong:
      return {.kind = WsEvent::Kind::pong, .payload = payload};
    default:
      return finish_close(payload);
  }
}

WsEvent WsFrameParser::finish_close(std::string_view payload) {
  dead_ = true;
  if (payload.empty()) return {.kind = WsEvent::Kind::close, .code = ws_close::no_status};
  if (payload.size() == 1) return violation(ws_close::protocol_error, "close payload of one byte");
  const auto code = static_cast<std::uint16_t>(byte_of(payload[0]) << 8 | byte_of(payload[1]));
  if (!may_close_with(code)) return violation(ws_close::protocol_error, "bad close code");
  payload.remove_prefix(2);
  if (!is_utf8(payload)) return violation(ws_close::invalid_text, "close reason is not UTF-8");
  return {.kind = WsEvent::Kind::close, .payload = payload, .code = code};
}

std::string restart_reason(std::chrono::milliseconds reconnect_delay) {
  return "retry_after_ms=" + std::to_string(reconnect_delay.count());
}

SharedFrame make_text_frame(std::string_view text) {
  return make_frame(kText, text);
}

SharedFrame make_ping_frame() {
  return make_frame(kPing, {});
}

SharedFrame make_pong_frame(std::string_view payload) {
  return make_frame(kPong, payload.substr(0, kControlMax));
}

SharedFrame make_close_frame(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t reason_max = kControlMax - 2;
  if (reason.size() > reason_max) {
    std::size_t end = reason_max;
    while (end > 0 && (byte_of(reason[end]) & 0xC0) == 0x80) --end;
    reason = reason.substr(0, end);
  }
  std::string payload;
  if (code != ws_close::no_status) append_big_endian(payload, code, 2);
  if (!payload.empty()) payload.append(reason);
  return make_frame(kClose, payload);
}

}  // namespace msgd
