// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "feed/hint.h"

namespace msg {

/// The body of a hint:
///
/// body     = writer life before last count (writer version)* count item*
/// item     = flags:1 conversation [only_for] [not_for] [member] [message or receipt]
///          | flags:1 user, of a ReadsSwitch
/// message  = seq version
/// receipt  = version user role delivered read [times] …, as a Member has them
///
/// Numbers are varints; the flags say what there is of what stands in brackets.
std::string encode_news(const News& news);

/// Nothing when it was not written by encode_news().
std::optional<CommitHint> decode_news(std::string_view body);

}  // namespace msg
