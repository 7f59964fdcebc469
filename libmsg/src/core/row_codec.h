// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "msg/status.h"
#include "store/rows.h"

namespace msg {

/// The lists that rows carry as bytes, the same bytes in every store. Grammar in the source.
///
/// Any list comes back as it went in. decode_ of anything else is Code::corrupt, so an absent list
/// is the encoding of an empty one, never an empty string.
///
/// Thread safety: pure functions.
[[nodiscard]] std::string encode_sender_counts(const std::vector<SenderCount>& counts);
[[nodiscard]] Result<std::vector<SenderCount>> decode_sender_counts(std::string_view bytes);

[[nodiscard]] std::string encode_receipt_runs(const std::vector<ReceiptRun>& runs);
[[nodiscard]] Result<std::vector<ReceiptRun>> decode_receipt_runs(std::string_view bytes);

std::string encode_member_own(const MemberOwn& own);
Result<MemberOwn> decode_member_own(std::string_view bytes);
std::string encode_revisions(const RevisionsRow& row);
Result<RevisionsRow> decode_revisions(const MessageId& message, std::string_view bytes);

}  // namespace msg
