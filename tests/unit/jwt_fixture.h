// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/verification_key.h"

namespace msgd::test {

inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned waiting = 0;
  int bits = 0;
  for (const char c : bytes) {
    waiting = waiting << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += alphabet[waiting >> (bits - 6) & 63];
  }
  if (bits > 0) text += alphabet[waiting << (6 - bits) & 63];
  return text;
}

inline std::string joined(std::string_view header, std::string_view claims) {
  return base64url(header) + '.' + base64url(claims);
}

/// An issuer with one key of one kind.
class Signer {
 public:
  Signer(JwtAlgorithm algorithm, std::string kid)
      : algorithm_(algorithm), kid_(std::move(kid)), key_(make(algorithm), EVP_PKEY_free) {}

  JwtAlgorithm algorithm() const { return algorithm_; }
  const std::string& kid() const { return kid_; }
  std::string header() const {
    return R"({"alg":")" + std::string(to_string(algorithm_)) + R"(","kid":")" + kid_ + R"("})";
  }
  /// The key in a set, with these further members: `,"use":"sig"`.
  std::string jwk(const std::string& more = {}) const {
    return R"({"kid":")" + kid_ + R"(",)" + public_part() + more + '}';
  }
  std::string token(std::string_view claims) const { return token(header(), claims); }
  std::string token(std::string_view header, std::string_view claims) const {
    const std::string text = joined(header, claims);
    return text + '.' + base64url(sign(text));
  }
  /// Bytes of the public part, that a verifier of another kind might take for a secret.
  std::string public_bytes() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    return bytes;
  }

  std::string sign(std::string_view text) const {
    if (algorithm_ == JwtAlgorithm::hs256) return hmac(secret_, text);
    const bool own_digest = algorithm_ == JwtAlgorithm::eddsa;
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, own_digest ? nullptr : EVP_sha256(), nullptr,
                       key_.get());
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                   text.size());
    signature.resize(size);
    return algorithm_ == JwtAlgorithm::es256 ? from_der(signature) : signature;
  }

  static std::string hmac(std::string_view secret, std::string_view text) {
    std::array<unsigned char, 32> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    return {mac.begin(), mac.end()};
  }

 private:
  static EVP_PKEY* make(JwtAlgorithm algorithm) {
    switch (algorithm) {
      case JwtAlgorithm::rs256:
        return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
      case JwtAlgorithm::es256:
        return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      case JwtAlgorithm::eddsa:
        return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      case JwtAlgorithm::hs256:
        break;
    }
    return nullptr;
  }

  static std::string bytes_of(const BIGNUM* number, std::size_t size) {
    std::string bytes(size, '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size));
    return bytes;
  }

  static std::string from_der(const std::string& der) {
    const auto* place = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &place, static_cast<long>(der.size()));
    const std::string text =
        bytes_of(ECDSA_SIG_get0_r(pair), 32) + bytes_of(ECDSA_SIG_get0_s(pair), 32);
    ECDSA_SIG_free(pair);
    return text;
  }

  std::string number(const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    const std::string bytes = bytes_of(value, static_cast<std::size_t>(BN_num_bytes(value)));
    BN_free(value);
    return bytes;
  }

  std::string public_part() const {
    switch (algorithm_) {
      case JwtAlgorithm::hs256:
        return R"("kty":"oct","k":")" + base64url(secret_) + '"';
      case JwtAlgorithm::rs256:
        return R"("kty":"RSA","n":")" + base64url(number(OSSL_PKEY_PARAM_RSA_N)) + R"(","e":")" +
               base64url(number(OSSL_PKEY_PARAM_RSA_E)) + '"';
      case JwtAlgorithm::es256: {
        std::string point(65, '\0');
        std::size_t size = 0;
        EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                        reinterpret_cast<unsigned char*>(point.data()),
                                        point.size(), &size);
        return R"("kty":"EC","crv":"P-256","x":")" + base64url(point.substr(1, 32)) + R"(","y":")" +
               base64url(point.substr(33)) + '"';
      }
      case JwtAlgorithm::eddsa: {
        std::string raw(32, '\0');
        std::size_t size = raw.size();
        EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                    &size);
        return R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(raw) + '"';
      }
    }
    return {};
  }

  const JwtAlgorithm algorithm_;
  const std::string kid_;
  const std::string secret_{"a secret of at least thirty-two bytes"};
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

inline std::string set_of(const std::vector<std::string>& jwks) {
  std::string text = R"({"keys":[)";
  for (const std::string& jwk : jwks) text += (text.back() == '[' ? "" : ",") + jwk;
  return text + "]}";
}

}  // namespace msgd::test
