// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/varint.h"
#include "msg/status.h"
#include "msg/types.h"

/// What the values of kv_codec.cpp are put together from:
///
///     format = byte: upper half the layout, lower half how often fields were appended to it.
///              A reader knows one layout; fields beyond the ones it knows it skips, in values
///              that say they have more, and in no others.
///     flags  = byte
///     enum   = byte
///     id     = fixed64
///     int    = zigzag varint
///     seq    = int
///     time   = int, milliseconds since 1970
///     text   = size as varint, bytes
///
/// Thread safety: no shared state.
namespace msg::kv {

inline constexpr std::uint8_t kLayout = 0x10;

/// `appended` says how often fields were appended to values of this kind.
inline std::string begin_value(std::size_t size_guess, std::uint8_t appended = 0) {
  std::string value;
  value.reserve(size_guess);
  put_byte(value, kLayout | appended);
  return value;
}

inline std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::corrupt, "stored " + std::string(what) + " is malformed");
}

template <class Id>
void put_id(std::string& out, Id id) {
  put_fixed64(out, static_cast<std::uint64_t>(to_int(id)));
}

template <class Enum>
void put_enum(std::string& out, Enum value) {
  put_byte(out, static_cast<std::uint8_t>(value));
}

inline void put_seq(std::string& out, Seq seq) {
  put_zigzag(out, to_int(seq));
}

inline void put_time(std::string& out, Time time) {
  put_zigzag(out, time.time_since_epoch().count());
}

/// A ByteReader that speaks of rows. A value that no row has turns it bad like a missing byte.
class RowReader {
 public:
  /// `known`: how often fields were appended, as far as the caller knows.
  explicit RowReader(std::string_view value, std::uint8_t known = 0) : bytes_(value) {
    const std::uint8_t format = bytes_.byte();
    valid_ = (format & 0xf0) == kLayout;
    appended_ = format & 0x0f;
    more_ = appended_ > known;
  }

  /// Whether the value has what was appended that time.
  [[nodiscard]] bool has_appended(std::uint8_t time) const { return appended_ >= time; }

  template <class Id>
  Id id() {
    return Id{static_cast<std::int64_t>(bytes_.fixed64())};
  }
  std::int64_t number() { return bytes_.zigzag(); }
  Seq seq() { return Seq{bytes_.zigzag()}; }
  Time time() { return Time{std::chrono::milliseconds{bytes_.zigzag()}}; }
  std::string text() { return std::string(bytes_.text()); }
  std::string_view text_view() { return bytes_.text(); }

  std::uint8_t flags(std::uint8_t known) {
    const std::uint8_t flags = bytes_.byte();
    // A later library may have given meaning to the other flags, along with its fields.
    valid_ = valid_ && (more_ || (flags & ~known) == 0);
    return flags;
  }

  template <class Enum>
  Enum enumeration(Enum last) {
    const std::uint8_t value = bytes_.byte();
    valid_ = valid_ && value <= static_cast<std::uint8_t>(last);
    return static_cast<Enum>(std::min(value, static_cast<std::uint8_t>(last)));
  }

  template <std::size_t size>
  std::array<unsigned char, size> array() {
    std::array<unsigned char, size> array{};
    const std::string_view raw = bytes_.raw(size);
    std::ranges::copy(raw, array.begin());
    return array;
  }

  /// All was as it should be and all was read.
  [[nodiscard]] bool done() const { return valid_ && (more_ ? bytes_.ok() : bytes_.done()); }

 private:
  ByteReader bytes_;
  bool valid_ = false;
  bool more_ = false;
  std::uint8_t appended_ = 0;
};

}  // namespace msg::kv
