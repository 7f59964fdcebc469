// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace msg {

/// Bytes appended to `out`. Integers are LEB128: seven bits a byte, lowest first, the top bit set
/// on all but the last. Signed ones are zigzagged first (0, -1, 1, -2 … become 0, 1, 2, 3 …), so
/// that small ones of either sign stay short. fixed64 is eight bytes, lowest first: shorter than
/// a varint for ids, which use their upper bits.
void put_byte(std::string& out, std::uint8_t value);
void put_varint(std::string& out, std::uint64_t value);
void put_zigzag(std::string& out, std::int64_t value);
void put_fixed64(std::string& out, std::uint64_t value);
/// The length as a varint, then the bytes.
void put_text(std::string& out, std::string_view text);

/// Reads what the functions above wrote, and never past the end.
///
/// A read that cannot succeed gives zero (or empty) and makes ok() false for good, so a decoder
/// reads all its fields first and asks once. A varint of more than 64 bits or with a needless last
/// byte is refused: each value has one spelling.
///
/// Lifetime: the bytes must outlive the reader and the views it gives.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte();
  std::uint64_t varint();
  std::int64_t zigzag();
  std::uint64_t fixed64();
  std::string_view text();
  /// Exactly `size` bytes.
  std::string_view raw(std::size_t size);

  [[nodiscard]] bool ok() const { return ok_; }
  /// Everything was read and everything was well-formed.
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  /// Bytes not read yet: a bound for counts that are about to be believed.
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

 private:
  void fail();

  std::string_view rest_;
  bool ok_ = true;
};

/// Of an id, seq or version: none of them is negative.
template <class Number>
void put_number(std::string& out, Number number) {
  put_varint(out, static_cast<std::uint64_t>(to_int(number)));
}
template <class Number>
Number read_number(ByteReader& reader) {
  return Number{static_cast<std::int64_t>(reader.varint())};
}

}  // namespace msg
