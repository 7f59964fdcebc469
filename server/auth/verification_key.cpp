// SPDX-License-Identifier: Apache-2.0
#include "auth/verification_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "auth/base64url.h"

namespace msgd {
namespace {

namespace json = boost::json;

constexpr std::size_t kSecretBytesMin = 32;  // RFC 7518, 3.2: no shorter than the hash
constexpr std::size_t kSecretBytesMax = 1024;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519Bytes = 32;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM, OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG, ECDSA_SIG_free>>;

std::unexpected<std::string> wrong(std::string why) {
  return std::unexpected(std::move(why));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string_view> text_at(const json::object& jwk, std::string_view name) {
  const auto* value = jwk.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

std::expected<std::string, std::string> bytes_at(const json::object& jwk, std::string_view name) {
  const auto text = text_at(jwk, name);
  auto bytes = text ? decode_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return wrong("\"" + std::string(name) + "\" is not base64url");
  return *std::move(bytes);
}

Number number_of(std::string_view bytes) {
  return Number(::BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// A public key of that type, with parameters that were checked.
Key make_key(const char* type, const Builder& builder) {
  const Parameters parameters(::OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
      ::EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  Key key(made);
  const KeyContext check(::EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || ::EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

std::expected<Key, std::string> read_rsa(const json::object& jwk) {
  const auto modulus = bytes_at(jwk, "n");
  if (!modulus) return wrong(modulus.error());
  const auto exponent = bytes_at(jwk, "e");
  if (!exponent) return wrong(exponent.error());
  if (modulus->size() > kRsaBitsMax / 8 || exponent->size() > 4) return wrong("it is too long");
  const Number n = number_of(*modulus);
  const Number e = number_of(*exponent);
  if (!n || !e || ::BN_num_bits(n.get()) < kRsaBitsMin) {
    return wrong("an RSA key has at least 2048 bits");
  }
  if (::BN_get_word(e.get()) < 65537 || ::BN_is_odd(e.get()) != 1) {
    return wrong("an RSA exponent is odd and at least 65537");
  }
  const Builder builder(::OSSL_PARAM_BLD_new());
  if (!builder || ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      ::OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return wrong("it cannot be taken");
  }
  Key key = make_key("RSA", builder);
  if (!key) return wrong("it is no RSA key");
  return key;
}

std::expected<Key, std::string> read_ec(const json::object& jwk) {
  if (text_at(jwk, "crv") != "P-256") return wrong("of elliptic curves P-256 alone is known");
  const auto x = bytes_at(jwk, "x");
  if (!x) return wrong(x.error());
  const auto y = bytes_at(jwk, "y");
  if (!y) return wrong(y.error());
  if (x->size() != kP256Bytes || y->size() != kP256Bytes) {
    return wrong("a coordinate on P-256 has 32 bytes");
  }
  const std::string point = '\x04' + *x + *y;
  const Builder builder(::OSSL_PARAM_BLD_new());
  if (!builder ||
      ::OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) !=
          1 ||
      ::OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
    return wrong("it cannot be taken");
  }
  Key key = make_key("EC", builder);
  if (!key) return wrong("it is no point on P-256");
  return key;
}

std::expected<Key, std::string> read_ed25519(const json::object& jwk) {
  if (text_at(jwk, "crv") != "Ed25519") return wrong("of Edwards curves Ed25519 alone is known");
  const auto x = bytes_at(jwk, "x");
  if (!x) return wrong(x.error());
  if (x->size() != kEd25519Bytes) return wrong("a key of Ed25519 has 32 bytes");
  Key key(::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
  if (!key) return wrong("it is no key of Ed25519");
  return key;
}

/// r and s, 32 bytes each (RFC 7518, 3.4), as OpenSSL wants them.
std::string to_der(std::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return {};
  const Signature pair(::ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kP256Bytes));
  Number s = number_of(signature.substr(kP256Bytes));
  if (!pair || !r || !s || ::ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // the pair's now
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = ::i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  ::OPENSSL_free(der);
  return text;
}

/// `digest` is null for Ed25519, which has its own.
bool is_signed(EVP_PKEY* key, const EVP_MD* digest, std::string_view text,
               std::string_view signature) {
  const DigestContext context(::EVP_MD_CTX_new());
  return context && ::EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         ::EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

/// How long it takes does not tell how much of the signature was right.
bool is_authenticated(const std::string& secret, std::string_view text,
                      std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text),
             text.size(), mac.data(), &size) == nullptr) {
    return false;
  }
  return signature.size() == size && ::CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
}

struct Type {
  std::string_view name;
  JwtAlgorithm algorithm;
};
constexpr std::array<Type, 4> kTypes = {{{"oct", JwtAlgorithm::hs256},
                                         {"RSA", JwtAlgorithm::rs256},
                                         {"EC", JwtAlgorithm::es256},
                                         {"OKP", JwtAlgorithm::eddsa}}};

/// What the key says that it is for is what it is used for here.
std::string check_purpose(const json::object& jwk, JwtAlgorithm algorithm) {
  if (jwk.contains("alg") && text_at(jwk, "alg") != to_string(algorithm)) {
    return "its \"alg\" is not the one of its type that is known";
  }
  if (jwk.contains("use") && text_at(jwk, "use") != "sig") return "it is not for signatures";
  if (const auto* operations = jwk.if_contains("key_ops")) {
    const auto* list = operations->if_array();
    const auto verifies = [](const json::value& v) {
      return v.is_string() && v.get_string() == "verify";
    };
    if (list == nullptr || std::ranges::none_of(*list, verifies)) return "it is not for verifying";
  }
  if (algorithm != JwtAlgorithm::hs256 && jwk.contains("d")) {
    return "its private part is with it, where nobody but the issuer should have it";
  }
  return {};
}

}  // namespace

std::string_view to_string(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::hs256:
      return "HS256";
    case JwtAlgorithm::rs256:
      return "RS256";
    case JwtAlgorithm::es256:
      return "ES256";
    case JwtAlgorithm::eddsa:
      return "EdDSA";
  }
  std::unreachable();
}

struct VerificationKey::Parts {
  std::string id;
  JwtAlgorithm algorithm{};
  std::string secret{};  ///< HS256
  Key key{};             ///< the others

  Parts(std::string id_, JwtAlgorithm algorithm_) : id(std::move(id_)), algorithm(algorithm_) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { ::OPENSSL_cleanse(secret.data(), secret.size()); }
};

VerificationKey::VerificationKey(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
VerificationKey::VerificationKey(VerificationKey&&) noexcept = default;
VerificationKey& VerificationKey::operator=(VerificationKey&&) noexcept = default;
VerificationKey::~VerificationKey() = default;

const std::string& VerificationKey::id() const {
  return parts_->id;
}
JwtAlgorithm VerificationKey::algorithm() const {
  return parts_->algorithm;
}

std::expected<VerificationKey, std::string> VerificationKey::from_jwk(const json::object& jwk,
                                                                      Secrets secrets) {
  const auto* const type = std::ranges::find(kTypes, text_at(jwk, "kty"), &Type::name);
  if (type == kTypes.end()) return wrong("its \"kty\" is none of oct, RSA, EC and OKP");
  if (std::string why = check_purpose(jwk, type->algorithm); !why.empty()) {
    return wrong(std::move(why));
  }
  const auto id = text_at(jwk, "kid");
  if (jwk.contains("kid") && (!id || id->empty() || id->size() > kKeyIdBytesMax)) {
    return wrong("its \"kid\" is not a text of 1 to 256 bytes");
  }
  auto parts = std::make_unique<Parts>(std::string(id.value_or("")), type->algorithm);
  std::expected<Key, std::string> key;
  switch (type->algorithm) {
    case JwtAlgorithm::hs256: {
      if (secrets == Secrets::refused) return wrong("a secret must not be fetched from a URL");
      auto secret = bytes_at(jwk, "k");
      if (!secret) return wrong(secret.error());
      if (secret->size() < kSecretBytesMin || secret->size() > kSecretBytesMax) {
        return wrong("a secret has 32 to 1024 bytes");
      }
      parts->secret = *std::move(secret);
      return VerificationKey(std::move(parts));
    }
    case JwtAlgorithm::rs256:
      key = read_rsa(jwk);
      break;
    case JwtAlgorithm::es256:
      key = read_ec(jwk);
      break;
    case JwtAlgorithm::eddsa:
      key = read_ed25519(jwk);
      break;
  }
  if (!key) return wrong(std::move(key.error()));
  parts->key = *std::move(key);
  return VerificationKey(std::move(parts));
}

bool VerificationKey::verify(std::string_view text, std::string_view signature) const {
  switch (parts_->algorithm) {
    case JwtAlgorithm::hs256:
      return is_authenticated(parts_->secret, text, signature);
    case JwtAlgorithm::rs256:
      return is_signed(parts_->key.get(), ::EVP_sha256(), text, signature);
    case JwtAlgorithm::es256: {
      const std::string der = to_der(signature);
      return !der.empty() && is_signed(parts_->key.get(), ::EVP_sha256(), text, der);
    }
    case JwtAlgorithm::eddsa:
      return is_signed(parts_->key.get(), nullptr, text, signature);
  }
  std::unreachable();
}

}  // namespace msgd
