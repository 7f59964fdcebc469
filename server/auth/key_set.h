// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "auth/verification_key.h"

namespace msgd {

inline constexpr std::size_t kKeySetBytesMax = std::size_t{128} * 1024;
inline constexpr std::size_t kKeySetKeysMax = 64;

/// The keys of an issuer of tokens: a JWK set (RFC 7517).
///
/// Thread safety: all calls from any thread; it does not change.
class KeySet {
 public:
  /// Of a set in a file every key must be usable: the operator wrote it. Of one that is fetched,
  /// keys that are not (another type, another purpose) are left out, as the issuer may have others
  /// for others. A set without a usable key is an error, as is a `kid` that two keys have, and a
  /// key without one beside others. The error is a clause for the operator, without any key.
  static std::expected<KeySet, std::string> parse(std::string_view text, Secrets secrets);

  /// The key that a token names; with an empty `kid` the only one there is. Null: there is none.
  const VerificationKey* find(std::string_view kid) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<VerificationKey> keys_;
};

}  // namespace msgd
