// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace msgd {

/// The bytes of base64url as RFC 7515 has it. Nothing for padding, spaces, characters of another
/// alphabet, a length that no bytes have, or bits behind the last byte: each value has one
/// spelling.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace msgd
