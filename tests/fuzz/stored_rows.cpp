// SPDX-License-Identifier: Apache-2.0
// Rows as they lie in a store, which a disk or a person may have damaged: corrupt, never a crash.
#include <string>

#include "core/extras_codec.h"
#include "core/row_codec.h"
#include "fuzz/fuzz.h"

namespace msg::test {
namespace {

/// What `decode` takes is encoded to something that means the same.
template <class Decode, class Encode>
void survives(std::string_view bytes, Decode decode, Encode encode) {
  const auto row = decode(bytes);
  if (!row) {
    hold(row.error().code == Code::corrupt, "damage is corrupt");
    return;
  }
  const std::string once = encode(*row);
  const auto again = decode(std::string_view(once));
  hold(again && encode(*again) == once, "a row survives");
}

template <class Row>
void survives_in(std::string_view bytes) {
  survives(
      bytes,
      [](std::string_view text) -> Result<Row> {
        Row row;
        if (auto decoded = decode_extras(text, row); !decoded) {
          return std::unexpected(decoded.error());
        }
        return row;
      },
      [](const Row& row) { return encode_extras(row); });
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const std::string_view bytes = input.substr(1);
  switch (input.front() % 6) {
    case 0:
      return survives(bytes, decode_sender_counts, encode_sender_counts);
    case 1:
      return survives(bytes, decode_receipt_runs, encode_receipt_runs);
    case 2:
      return survives(bytes, decode_member_own, encode_member_own);
    case 3:
      return survives_in<Message>(bytes);
    case 4:
      return survives_in<MemberRow>(bytes);
    default:
      return survives(
          bytes, [](std::string_view text) { return decode_revisions(MessageId{}, text); },
          encode_revisions);
  }
}

}  // namespace msg::test
