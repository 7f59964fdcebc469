// SPDX-License-Identifier: Apache-2.0
// Tokens of other applications (RFC 7519), and the sets of keys (RFC 7517) that they are signed by.
#include <sodium.h>

#include <array>
#include <string>

#include "auth/jwt.h"
#include "core/secrets.h"
#include "fuzz/fuzz.h"

namespace msg::test {
namespace {

using msgd::KeySet;

constexpr std::string_view kKeys = R"({"keys":[{"kty":"oct","kid":"a","alg":"HS256",)"
                                   R"("k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},)"
                                   R"({"kty":"OKP","kid":"b","crv":"Ed25519",)"
                                   R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
const msgd::JwtRules kRules{.issuer = "i", .audiences = {"a"}};
constexpr std::chrono::system_clock::time_point kNow{std::chrono::seconds{1'800'000'000}};

/// With the secret of the first key.
std::string sign(std::string_view header, std::string_view payload) {
  std::array<unsigned char, 32> secret{};
  for (std::size_t i = 0; i < secret.size(); ++i) secret.at(i) = static_cast<unsigned char>(i);
  std::string token = encode_base64url(header) + '.' + encode_base64url(payload);
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(token.data()),
                         token.size(), secret.data());
  return token + '.' + encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

void hold_good(const msgd::JwtClaims& claims) {
  hold(!claims.subject.empty() && claims.subject.size() <= 255, "a subject has 1 to 255 bytes");
}

}  // namespace

void fuzz(std::string_view input) {
  static const auto keys = *KeySet::parse(kKeys, msgd::Secrets::allowed);
  const auto verify = [&](std::string_view token) {
    return msgd::verify_jwt(token, keys, kRules, kNow);
  };
  hold(!verify(input), "what was not signed is not believed");
  if (const auto claims = verify(sign(R"({"alg":"HS256","kid":"a"})", input))) hold_good(*claims);
  const auto good = R"({"iss":"i","aud":"a","sub":"s","exp":1800000060})";
  if (const auto claims = verify(sign(input, good))) hold_good(*claims);
  for (const auto secrets : {msgd::Secrets::allowed, msgd::Secrets::refused}) {
    const auto set = KeySet::parse(input, secrets);
    if (set) hold(set->size() > 0 && set->size() <= msgd::kKeySetKeysMax, "a set has keys");
  }
}

}  // namespace msg::test
