// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "msg/types.h"

namespace msgctl {

/// Makes the C library know UTF-8, whatever the environment says. Once, before anything is shown.
void use_utf8_locale();

/// Text of others, harmless on a terminal: control characters, which could move the cursor or
/// worse, and the marks that reorder text become "\uFFFD"; tabs become a space. Newlines stay when
/// asked.
enum class Newlines { keep, replace };
std::string printable(std::string_view text, Newlines newlines);

/// Columns that printable text without newlines takes on a terminal.
std::size_t display_width(std::string_view text);

/// Newlines, tabs and backslashes as \n, \t, \\, so that a message stays on one line and nothing
/// is lost. What printable() would replace becomes \u{HEX}, and bytes that are not UTF-8 \xHH.
std::string escape_line(std::string_view text);

/// Columns of equal width, two spaces between them; the last is not padded.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// "2026-11-21 10:15", in the zone of this machine.
std::string local_date_time(msg::Time time);
/// "10:15".
std::string local_clock(msg::Time time);

}  // namespace msgctl
