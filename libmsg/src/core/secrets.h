// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "msg/requests.h"
#include "store/rows.h"

namespace msg {

/// `prefix` and 256 bits of the system's random source in base64url.
std::string make_token(std::string_view prefix);

/// SHA-256: a token has 256 bits of its own, so a slow hash would add nothing.
TokenHash hash_token(std::string_view token);

/// What makes two sends the same request: all of the draft but its address and client_id.
std::array<unsigned char, 16> hash_request(const Draft& draft);
std::array<unsigned char, 16> hash_forward(const MessageId& message);

std::string encode_base64url(std::string_view bytes);
std::optional<std::string> decode_base64url(std::string_view text);

std::string random_bytes(std::size_t count);

/// For Life::tag: random, not 0.
std::uint32_t make_life_tag();

}  // namespace msg
