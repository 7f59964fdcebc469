// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "msg/types.h"

namespace msgd {

/// Reads an RFC 3339 date-time of the years 0001 to 9999, counted in UTC: any offset, upper or
/// lower case T and Z, a fraction of 1 to 9 digits of which three are kept. A leap second, 23:59:60
/// UTC, becomes 23:59:59.999. Nothing when the text is anything else.
std::optional<msg::Time> parse_time(std::string_view text);

/// "2026-11-21T09:15:02.123Z", the form of every time in an answer.
std::string format_time(msg::Time time);
void append_time(std::string& out, msg::Time time);

}  // namespace msgd
