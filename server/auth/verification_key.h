// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace msgd {

/// How a token is signed (RFC 7518, RFC 8037).
enum class JwtAlgorithm { hs256, rs256, es256, eddsa };

/// "HS256" and so on, as the header of a token has it.
std::string_view to_string(JwtAlgorithm algorithm);

inline constexpr std::size_t kKeyIdBytesMax = 256;

/// Whether a key set may hold secrets. One that anybody can fetch must not.
enum class Secrets { allowed, refused };

/// A key that signatures are verified with. It has one algorithm, which its type decides: what a
/// token says of it is only ever compared.
///
/// Thread safety: all calls from any thread.
class VerificationKey {
 public:
  /// One key of a JWK set (RFC 7517): `oct` with at least 32 bytes, `RSA` with 2048 to 8192 bits
  /// and an exponent of at least 65537, `EC` on P-256, `OKP` Ed25519. `alg`, when given, must be
  /// the type's; `use` "sig"; `key_ops` has "verify". The error says what is wrong, without the
  /// key.
  static std::expected<VerificationKey, std::string> from_jwk(const boost::json::object& jwk,
                                                              Secrets secrets);
  VerificationKey(VerificationKey&&) noexcept;
  VerificationKey& operator=(VerificationKey&&) noexcept;
  ~VerificationKey();

  const std::string& id() const;  ///< `kid`; may be empty.
  JwtAlgorithm algorithm() const;

  /// Whether `signature` is this key's under `text`. Secrets are compared in constant time.
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct Parts;
  explicit VerificationKey(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace msgd
