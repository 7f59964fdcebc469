// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "msg/ids.h"

namespace msg {

/// What an API key may do. The numbers are a disk format.
enum class KeyScope : std::uint8_t {
  act_as_user = 0,   ///< All that any user may do, as that user.
  admin = 1,         ///< Users, sessions, keys and the audit trail. (A session acts as its user.)
  read_metrics = 2,  ///< The counters of the server.
};
inline constexpr std::array<KeyScope, 3> kKeyScopes{KeyScope::act_as_user, KeyScope::admin,
                                                    KeyScope::read_metrics};

/// A set of them.
class KeyScopes {
 public:
  constexpr KeyScopes() = default;
  constexpr KeyScopes(std::initializer_list<KeyScope> scopes) {
    for (const KeyScope scope : scopes) add(scope);
  }
  /// Bit n is the scope with number n; bits that no scope has are dropped.
  static constexpr KeyScopes of_bits(std::int64_t bits) {
    KeyScopes scopes;
    scopes.bits_ = static_cast<std::uint8_t>(bits & ((1 << kKeyScopes.size()) - 1));
    return scopes;
  }
  static constexpr KeyScopes all() { return of_bits(-1); }

  constexpr void add(KeyScope scope) {
    bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(scope));
  }
  constexpr std::int64_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(KeyScope scope) const { return has_any({scope}); }
  constexpr bool has_any(KeyScopes others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool has_all(KeyScopes others) const { return (bits_ & others.bits_) == others.bits_; }
  bool operator==(const KeyScopes&) const = default;

 private:
  std::uint8_t bits_{0};
};

/// A secret of a trusted backend, and what it is good for.
struct ApiKey {
  ApiKeyId id{};
  std::string name{};
  Time created_at{};
  KeyScopes scopes{KeyScopes::all()};
  bool operator==(const ApiKey&) const = default;
};
struct NewApiKey {
  ApiKey key;
  std::string secret{};  ///< "msk_" and 43 characters of base64url.
};

std::string_view to_string(KeyScope scope);
std::optional<KeyScope> parse_key_scope(std::string_view text);

}  // namespace msg
