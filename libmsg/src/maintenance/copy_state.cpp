// SPDX-License-Identifier: Apache-2.0
#include "maintenance/copy_state.h"

#include "core/varint.h"

namespace msg {
namespace {

constexpr std::uint8_t kCopyStateFormat = 2;  // 1 had no side records

}  // namespace

std::string encode_copy_state(const CopyState& state) {
  const auto put_int = [](std::string& out, std::int64_t value) {
    put_fixed64(out, static_cast<std::uint64_t>(value));
  };
  std::string bytes;
  put_byte(bytes, kCopyStateFormat);
  put_int(bytes, state.source_epoch);
  for (const Version version : state.source_horizon.up_to) put_int(bytes, to_int(version));
  for (const std::int64_t rows : state.rows) put_varint(bytes, static_cast<std::uint64_t>(rows));
  put_byte(bytes, static_cast<std::uint8_t>(state.stage));
  for (const std::int64_t id : state.after.ids) put_int(bytes, id);
  put_text(bytes, state.after.text);
  return bytes;
}

Result<CopyState> decode_copy_state(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool is_known = reader.byte() == kCopyStateFormat;
  CopyState state;
  state.source_epoch = static_cast<std::int64_t>(reader.fixed64());
  for (Version& version : state.source_horizon.up_to) {
    version = Version{static_cast<std::int64_t>(reader.fixed64())};
  }
  for (std::int64_t& rows : state.rows) rows = static_cast<std::int64_t>(reader.varint());
  state.stage = reader.byte();
  for (std::int64_t& id : state.after.ids) id = static_cast<std::int64_t>(reader.fixed64());
  state.after.text = reader.text();
  if (is_known && reader.done() && state.stage <= CopyState::kWriterStage) return state;
  return fail(Code::corrupt, "the target does not say how far its copy has come");
}

}  // namespace msg
