// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "msg/messenger.h"

namespace pymsg {

/// Messages by columns, as Arrow lays them out, so that whoever computes with them needs no object
/// for each.
struct MessageTable {
  std::vector<std::int64_t> seq{};
  std::vector<std::int64_t> sender{};
  std::vector<std::int64_t> created_at{};  ///< Milliseconds since 1970, as the next.
  std::vector<std::int64_t> edited_at{};   ///< 0: it was not.
  std::vector<std::int64_t> reply_to{};    ///< 0: to none.
  std::vector<std::int64_t> version{};
  std::vector<std::int8_t> kind{};  ///< By the number of the MessageKind.
  std::vector<std::int8_t> deleted{};
  std::vector<std::int64_t> content_offsets{0};  ///< One more than there are messages.
  std::vector<char> content{};

  // Bits for Arrow, made by finish().
  std::vector<std::uint8_t> edited_bits{};
  std::vector<std::uint8_t> reply_bits{};
  std::vector<std::uint8_t> deleted_bits{};
  std::int64_t edited_count{};
  std::int64_t reply_count{};

  std::int64_t size() const { return static_cast<std::int64_t>(seq.size()); }
  void add(const msg::Message& message);
  void finish();
};

/// A column as one buffer of numbers.
struct Column {
  std::shared_ptr<const MessageTable> table;
  const void* data;
  std::size_t size;
  char format;  ///< As of Python's struct: 'q', 'b' or 'B'.
};
Column column_of(const std::shared_ptr<const MessageTable>& table, std::string_view name);

}  // namespace pymsg
