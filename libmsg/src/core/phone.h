// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "msg/status.h"

namespace msg {

/// The E.164 form ("+14155550100") of an international number in any usual spelling: "+" or "00",
/// a country code of ITU-T E.164, digits with spaces, dots, dashes, slashes or parentheses, "(0)"
/// for a national trunk prefix, an optional "tel:" in front. A national number is refused: there is
/// no country to assume. 7 to 15 digits. invalid_argument, field "phone".
///
/// Whether the number was ever assigned is for the one-time code to find out.
Result<std::string> normalize_phone(std::string_view text);

/// The country code of a number in E.164 form: "90" of "+905551234567".
std::string_view country_code_of(std::string_view phone);

}  // namespace msg
