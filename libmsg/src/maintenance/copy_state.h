// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "store/store.h"

namespace msg {

/// What a store says of itself while it is being filled: of what it will be a copy, and how much
/// of that it has.
///
/// state = format:byte 1 source horizon rows:varint* stage:byte ids:fixed64* text
/// source = epoch:fixed64
/// horizon = version:fixed64 of each writer
struct CopyState {
  /// After the tables come the runs of writers.
  static constexpr std::size_t kWriterStage = kTables;

  std::int64_t source_epoch{};
  Horizon source_horizon{};
  std::array<std::int64_t, kTables> rows{};  ///< Copied, per table.
  std::size_t stage{};                       ///< The table, or kWriterStage.
  RecordKey after = RecordKey::first();      ///< The last that was copied of it.
};

std::string encode_copy_state(const CopyState& state);
Result<CopyState> decode_copy_state(std::string_view bytes);

}  // namespace msg
