// SPDX-License-Identifier: Apache-2.0
// Which tokens of an issuer are believed: one good token of each kind, and everything that can be
// wrong with it.
#include "auth/jwt.h"

#include <gmock/gmock.h>

#include <cstring>
#include <functional>

#include "auth/base64url.h"
#include "unit/jwt_fixture.h"

namespace msgd::test {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kNow = 1'800'000'000;
const auto kClock = std::chrono::system_clock::time_point(seconds(kNow));

std::string good_claims(const std::string& more = {}) {
  return R"({"iss":"https://app.example","aud":"chat","sub":"user-17","iat":)" +
         std::to_string(kNow - 10) + R"(,"exp":)" + std::to_string(kNow + 600) + more + "}";
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  return text.replace(place, what.size(), by);
}

// Manipulations of a token of any kind, by what they are of.
using Ways = std::vector<std::pair<std::string, std::function<std::string(const Signer&)>>>;

const std::string kClaims = good_claims();

auto with_header(std::string header) {
  return [=](const Signer& s) { return s.token(replaced(header, "KID", s.kid()), kClaims); };
}
auto with_algorithm(const std::string& name) {
  return with_header(R"({"alg":)" + name + R"(,"kid":"KID"})");
}
auto add_to_header(const std::string& more) {
  return [=](const Signer& s) {
    std::string header = s.header();
    header.insert(header.size() - 1, more);
    return s.token(header, kClaims);
  };
}

const Signer& other(const std::vector<Signer>& signers, const Signer& s) {
  return s.kid() == "r" ? signers[2] : signers[1];
}

Ways bad_algorithms(const std::vector<Signer>& signers) {
  return {{"alg none", with_algorithm(R"("none")")},
          {"alg None", with_algorithm(R"("None")")},
          {"alg none without signature",
           [&](const Signer& s) {
             return joined(replaced(R"({"alg":"none","kid":"KID"})", "KID", s.kid()), kClaims) +
                    '.';
           }},
          {"no alg", with_header(R"({"kid":"KID"})")},
          {"alg null", with_algorithm("null")},
          {"alg a list", with_algorithm(R"(["HS256","RS256","ES256","EdDSA"])")},
          {"alg in lower case", with_algorithm(R"("hs256")")},
          {"alg of another size",
           [&](const Signer& s) {
             return s.token(replaced(s.header(), s.kid() == "o" ? "EdDSA" : "256",
                                     s.kid() == "o" ? "ES256" : "384"),
                            kClaims);
           }},
          {"alg twice",
           [&](const Signer& s) {
             return s.token(replaced(s.header(), "{", R"({"alg":"none",)"), kClaims);
           }},
          {"alg of the other kid",
           [&](const Signer& s) {
             return s.token(replaced(s.header(), to_string(s.algorithm()),
                                     to_string(other(signers, s).algorithm())),
                            kClaims);
           }},
          {"kid of another key", [&](const Signer& s) {
             return s.token(R"({"alg":")" + std::string(to_string(s.algorithm())) + R"(","kid":")" +
                                other(signers, s).kid() + R"("})",
                            kClaims);
           }}};
}

Ways other_keys(const std::vector<Signer>& signers) {
  return {
      {"signed by another key of the kind",
       [&](const Signer& s) {
         if (s.algorithm() != JwtAlgorithm::hs256) {
           return Signer(s.algorithm(), s.kid()).token(kClaims);
         }
         const std::string text = joined(s.header(), kClaims);
         return text + '.' + base64url(Signer::hmac("another secret of thirty-two bytes", text));
       }},
      {"HS256 with the public key as the secret",
       [&](const Signer& s) {
         const std::string text = joined(R"({"alg":"HS256","kid":")" + s.kid() + R"("})", kClaims);
         const std::string secret = s.kid() == "h" ? signers[1].public_bytes() : s.public_bytes();
         return text + '.' + base64url(Signer::hmac(secret, text));
       }},
      {"its own key in the header", [&](const Signer& s) {
         const Signer mallory(s.algorithm(), s.kid());
         if (s.algorithm() == JwtAlgorithm::hs256) {
           const std::string text =
               joined(R"({"alg":"HS256","kid":"h","jwk":{"kty":"oct","k":"AAAA"}})", kClaims);
           return text + '.' + base64url(Signer::hmac(std::string(3, '\0'), text));
         }
         std::string header = s.header();
         header.insert(header.size() - 1, R"(,"jwk":)" + mallory.jwk());
         return mallory.token(header, kClaims);
       }}};
}

Ways bad_headers() {
  return {{"no kid", with_header(R"({"alg":"HS256","x":"KID"})")},
          {"kid unknown",
           [](const Signer& s) {
             return s.token(replaced(s.header(), R"("kid":")" + s.kid(), R"("kid":"zz)"), kClaims);
           }},
          {"kid empty",
           [](const Signer& s) {
             return s.token(replaced(s.header(), R"("kid":")" + s.kid(), R"("kid":")"), kClaims);
           }},
          {"kid a number",
           [](const Signer& s) {
             return s.token(replaced(s.header(), R"("kid":")" + s.kid() + '"', R"("kid":1)"),
                            kClaims);
           }},
          {"crit", add_to_header(R"(,"crit":["exp"])")},
          {"crit empty", add_to_header(R"(,"crit":[])")},
          {"b64 false", add_to_header(R"(,"b64":false)")},
          {"another typ", add_to_header(R"(,"typ":"JOSE")")},
          {"typ a number", add_to_header(R"(,"typ":7)")},
          {"kid twice", add_to_header(R"(,"kid":"r")")}};
}

Ways bad_signatures() {
  return {{"a bit of the header changed",
           [](const Signer& s) { return replaced(s.token(kClaims), "eyJ", "eyK"); }},
          {"other claims under the signature",
           [](const Signer& s) {
             const std::string token = s.token(kClaims);
             return joined(s.header(), replaced(kClaims, "user-17", "user-18")) +
                    token.substr(token.rfind('.'));
           }},
          {"a byte of the signature changed",
           [](const Signer& s) {
             const std::string text = joined(s.header(), kClaims);
             std::string signature = s.sign(text);
             signature[5] = static_cast<char>(signature[5] ^ 1);
             return text + '.' + base64url(signature);
           }},
          {"the signature cut",
           [](const Signer& s) {
             const std::string text = joined(s.header(), kClaims);
             const std::string signature = s.sign(text);
             return text + '.' + base64url(signature.substr(0, signature.size() - 1));
           }},
          {"a byte behind the signature",
           [](const Signer& s) {
             const std::string text = joined(s.header(), kClaims);
             return text + '.' + base64url(s.sign(text) + '\0');
           }},
          {"a zero in the middle of the signature",
           [](const Signer& s) {
             const std::string text = joined(s.header(), kClaims);
             std::string signature = s.sign(text);
             return text + '.' + base64url(signature.insert(signature.size() / 2, 1, '\0'));
           }},
          {"a signature of zeros",
           [](const Signer& s) {
             const std::string text = joined(s.header(), kClaims);
             return text + '.' + base64url(std::string(s.sign(text).size(), '\0'));
           }},
          {"no signature", [](const Signer& s) { return joined(s.header(), kClaims) + '.'; }},
          {"two segments", [](const Signer& s) { return joined(s.header(), kClaims); }},
          {"four segments", [](const Signer& s) { return s.token(kClaims) + ".x"; }},
          {"padding", [](const Signer& s) { return s.token(kClaims) + "="; }},
          {"a space behind", [](const Signer& s) { return s.token(kClaims) + " "; }},
          {"a line break within",
           [](const Signer& s) { return replaced(s.token(kClaims), ".", "\n."); }}};
}

class JwtTest : public testing::Test {
 protected:
  std::expected<JwtClaims, JwtRefusal> verify(const std::string& token) const {
    return verify_jwt(token, *keys_, rules_, kClock);
  }
  std::string why(const std::string& token) const {
    const auto claims = verify(token);
    return claims ? "accepted" : std::string(claims.error().why);
  }

  JwtRules rules_{.issuer = "https://app.example", .audiences = {"chat", "chat-2"}};
  std::vector<Signer> signers_ = [] {
    std::vector<Signer> list;
    list.emplace_back(JwtAlgorithm::hs256, "h");
    list.emplace_back(JwtAlgorithm::rs256, "r");
    list.emplace_back(JwtAlgorithm::es256, "e");
    list.emplace_back(JwtAlgorithm::eddsa, "o");
    return list;
  }();
  std::expected<KeySet, std::string> keys_ = KeySet::parse(
      set_of({signers_[0].jwk(), signers_[1].jwk(), signers_[2].jwk(), signers_[3].jwk()}),
      Secrets::allowed);
};

TEST_F(JwtTest, AGoodTokenOfEachKindIsBelieved) {
  ASSERT_TRUE(keys_) << keys_.error();
  for (const Signer& signer : signers_) {
    const auto claims =
        verify(signer.token(good_claims(R"(,"name":"Ann","phone_number":"+14155550100")")));
    ASSERT_TRUE(claims) << signer.header() << claims.error().why;
    EXPECT_EQ(*claims, (JwtClaims{.subject = "user-17", .name = "Ann", .phone = "+14155550100"}));
  }
}

TEST_F(JwtTest, WhatIsWrongWithATokenOfAnyKindMakesItWorthless) {
  int count = 0;
  for (const Ways& bad :
       {bad_algorithms(signers_), other_keys(signers_), bad_headers(), bad_signatures()}) {
    for (const Signer& signer : signers_) {
      ASSERT_EQ(why(signer.token(kClaims)), "accepted");
      for (const auto& [name, make] : bad) {
        EXPECT_NE(why(make(signer)), "accepted") << to_string(signer.algorithm()) << ": " << name;
        ++count;
      }
    }
  }
  EXPECT_GE(count, 120);
}

TEST_F(JwtTest, ASignedTokenMustStillBeForUsNowAndOfSomebody) {
  const auto at = [](std::int64_t seconds_from_now) {
    return std::to_string(kNow + seconds_from_now);
  };
  const auto claims = [&](std::string_view what, std::string_view by) {
    return replaced(good_claims(), what, by);
  };
  const std::string exp = R"("exp":)" + at(600);
  const std::string iat = R"("iat":)" + at(-10);
  const std::vector<std::pair<std::string, std::string>> bad = {
      {claims(R"("iss":"https://app.example",)", ""), "of another issuer"},
      {claims("https://app.example", "https://app.example/"), "of another issuer"},
      {claims(R"("https://app.example")", R"(["https://app.example"])"), "of another issuer"},
      {claims(R"("aud":"chat",)", ""), "for another audience"},
      {claims(R"("chat")", R"("Chat")"), "for another audience"},
      {claims(R"("chat")", "[]"), "for another audience"},
      {claims(R"("chat")", R"([["chat"]])"), "for another audience"},
      {claims(R"("chat")", R"({"chat":"chat"})"), "for another audience"},
      {claims(R"("chat")", "null"), "for another audience"},
      {claims("," + exp, ""), "without a time at which it expires"},
      {claims(exp, R"("exp":null)"), "without a time at which it expires"},
      {claims(exp, R"("exp":")" + at(600) + '"'), "without a time at which it expires"},
      {claims(exp, R"("exp":-1)"), "without a time at which it expires"},
      {claims(exp, R"("exp":1800000600000000)"), "without a time at which it expires"},
      {claims(exp, R"("exp":1e300)"), "without a time at which it expires"},
      {claims(exp, R"("exp":)" + at(-60)), "expired"},
      {claims(exp, R"("exp":)" + at(3661)), "expires too late"},
      {claims(exp, R"("exp":)" + at(3591)), "lives too long"},
      {claims(iat, R"("iat":)" + at(61)), "issued in the future"},
      {claims(iat, R"("iat":"yesterday")"), "iat is no time"},
      {good_claims(R"(,"nbf":)" + at(61)), "not valid yet"},
      {good_claims(R"(,"nbf":true)"), "nbf is no time"},
      {claims(R"("sub":"user-17",)", ""), "sub is not a text of 1 to 255 bytes"},
      {claims(R"("user-17")", "17"), "sub is not a text of 1 to 255 bytes"},
      {claims("user-17", ""), "sub is not a text of 1 to 255 bytes"},
      {claims("user-17", std::string(256, 'u')), "sub is not a text of 1 to 255 bytes"},
      {claims("user-17", R"(user\n17)"), "sub is not a text of 1 to 255 bytes"},
      {claims("user-17", R"(user\u000017)"), "not a JSON object, or a member twice"},
      {claims("user-17", "user\xff"), "not a JSON object, or a member twice"},
      {good_claims(R"(,"sub":"admin")"), "not a JSON object, or a member twice"},
      {good_claims(R"(,"exp":9999999999)"), "not a JSON object, or a member twice"},
      {good_claims(R"(,"a":{"b":1,"b":2})"), "not a JSON object, or a member twice"},
      {good_claims() + "{}", "not a JSON object, or a member twice"},
      {"[" + good_claims() + "]", "not a JSON object, or a member twice"},
      {good_claims(R"(,"a":)" + std::string(40, '[') + std::string(40, ']')),
       "not a JSON object, or a member twice"},
      {"null", "not a JSON object, or a member twice"},
      {good_claims(R"(,"pad":")" + std::string(8000, 'x') + '"'), "too long"},
  };
  for (const auto& [text, reason] : bad) {
    EXPECT_EQ(why(signers_[3].token(text)), reason) << text.substr(0, 300);
  }
  const std::vector<std::string> good = {
      claims(R"("chat")", R"(["other",7,"chat-2"])"),
      claims(exp, R"("exp":)" + at(-59)),
      claims(exp, R"("exp":)" + at(3590)),
      claims(exp, R"("exp":)" + at(600) + ".5"),
      claims(iat, R"("iat":)" + at(60)),
      claims(iat + ",", ""),
      good_claims(R"(,"nbf":)" + at(60)),
      claims("user-17", std::string(255, 'u')),
  };
  for (const auto& text : good) EXPECT_EQ(why(signers_[3].token(text)), "accepted") << text;
}

TEST_F(JwtTest, SizesAreLookedAtBeforeAnythingIsDecoded) {
  const std::string token = signers_[0].token(good_claims());
  EXPECT_EQ(why(std::string(kJwtBytesMax + 1, 'A')), "too long");
  EXPECT_EQ(why(std::string(1025, 'A') + ".e30.AAAA"), "a segment is too long");
  EXPECT_EQ(why("e30.e30." + std::string(1401, 'A')), "a segment is too long");
  EXPECT_EQ(why(""), "not three segments");
  EXPECT_EQ(why(".."), "an empty segment");
  EXPECT_EQ(why("." + token), "not three segments");
  EXPECT_EQ(why(std::string(4000, '.')), "not three segments");
}

TEST_F(JwtTest, TheTypeMayBeSaidAndAKeySetOfOneNeedsNoKid) {
  for (const char* type : {"JWT", "jwt", "at+jwt"}) {
    const std::string header = R"({"alg":"EdDSA","kid":"o","typ":")" + std::string(type) + R"("})";
    EXPECT_EQ(why(signers_[3].token(header, good_claims())), "accepted");
  }
  const std::string bare = signers_[3].token(R"({"alg":"EdDSA"})", good_claims());
  EXPECT_EQ(why(bare), "no kid, and several keys");
  keys_ = KeySet::parse(set_of({signers_[3].jwk()}), Secrets::allowed);
  EXPECT_EQ(why(bare), "accepted");
  EXPECT_EQ(why(signers_[3].token(good_claims())), "accepted");
}

TEST_F(JwtTest, AnUnknownKeyIsToldApartSoThatItCanBeFetched) {
  const Signer next(JwtAlgorithm::eddsa, "next");
  EXPECT_TRUE(verify(next.token(good_claims())).error().unknown_key);
  EXPECT_FALSE(verify(signers_[0].token("{}")).error().unknown_key);
  EXPECT_FALSE(verify(signers_[0].token(R"({"alg":"HS256"})", good_claims())).error().unknown_key);
}

TEST_F(JwtTest, AClaimOfAnUnprovenNumberSaysSo) {
  const auto verified = [&](const char* value) {
    return verify(
               signers_[0].token(good_claims(R"(,"phone_number_verified":)" + std::string(value))))
        ->phone_verified;
  };
  EXPECT_EQ(verified("true"), true);
  EXPECT_EQ(verified("false"), false);
  EXPECT_EQ(verified(R"("true")"), false);
}

TEST(Base64Url, HasOneSpellingForEachValue) {
  constexpr const char* kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64url("-_8"), "\xfb\xff");
  for (const char* text : {"Z", "Zh", "Zg==", "+/8", "Z g", "Zm9vY", "Zm8=", "\xc3\xa9"}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes{static_cast<char>(byte), 'x', static_cast<char>(255 - byte)};
    EXPECT_EQ(decode_base64url(base64url(bytes)), bytes);
    EXPECT_EQ(decode_base64url(base64url(bytes.substr(0, 2))), bytes.substr(0, 2));
    const bool is_of_alphabet = byte != 0 && std::strchr(kAlphabet, byte) != nullptr;
    const std::string text{static_cast<char>(byte), 'A', 'A', 'A'};
    EXPECT_EQ(decode_base64url(text).has_value(), is_of_alphabet) << byte;
  }
}

}  // namespace
}  // namespace msgd::test
