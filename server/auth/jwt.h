// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"

namespace msgd {

inline constexpr std::size_t kJwtBytesMax = std::size_t{8} * 1024;
/// What the clocks of two machines may differ.
inline constexpr std::chrono::seconds kJwtLeeway{60};

/// What a token has to be to be believed.
struct JwtRules {
  std::string issuer{};                  ///< `iss`, exactly.
  std::vector<std::string> audiences{};  ///< One of them is in `aud`.
  /// From `iat`, where there is one, and from now on, until `exp`.
  std::chrono::seconds lifetime_max{3600};
};

/// What a good token says.
struct JwtClaims {
  std::string subject{};                 ///< 1 to 255 bytes.
  std::optional<std::string> name{};     ///< `name`
  std::optional<std::string> phone{};    ///< `phone_number`
  std::optional<bool> phone_verified{};  ///< `phone_number_verified`
  bool operator==(const JwtClaims&) const = default;
};

/// Why a token is not believed: for the log, never for whoever showed it.
struct JwtRefusal {
  std::string_view why{};   ///< Of static storage.
  bool unknown_key{false};  ///< It names a key that the set does not have.
};

/// Believes a token (RFC 7519, RFC 8725) that is a JWS in compact form with exactly the algorithm
/// of the key that it names, signed by it, and within the rules. Keys in its own header mean
/// nothing; `crit` is refused, as there is no extension here. Claims are looked at after the
/// signature.
///
/// Sizes are looked at before anything is decoded, an object with a member twice is refused.
std::expected<JwtClaims, JwtRefusal> verify_jwt(std::string_view token, const KeySet& keys,
                                                const JwtRules& rules,
                                                std::chrono::system_clock::time_point now);

}  // namespace msgd
