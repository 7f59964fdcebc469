// SPDX-License-Identifier: Apache-2.0
// Keys of issuers: what a JWK set may hold, the examples of the RFCs, and when it is fetched.
#include "auth/key_set.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include "auth/base64url.h"
#include "auth/key_source.h"
#include "unit/jwt_fixture.h"

namespace msgd::test {
namespace {

using testing::HasSubstr;

std::expected<VerificationKey, std::string> key_of(const std::string& jwk,
                                                   Secrets secrets = Secrets::allowed) {
  return VerificationKey::from_jwk(boost::json::parse(jwk).as_object(), secrets);
}

struct Example {
  std::string jwk;
  std::string token;
};

// RFC 7515, A.1, A.2 and A.3; RFC 8037, A.4.
std::vector<Example> examples() {
  const std::string claims =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ";
  return {
      {R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH)"
       R"(75aKtMN3Yj0iPS4hcgUu)"
       R"(TwjAzZr1Z9CAow"})",
       "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + claims +
           ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
      {R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W2)"
       R"(6mPddxHmfHQp-Vaw-4q)"
       R"(PCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ)"
       R"(47soMZo9wGzjb_7OMg0)"
       R"(LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmt)"
       R"(dVMTBQY4uDZlxvb3qCo)"
       R"(5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk)"
       R"(2PAcDTW9gb54h4FRWyu)"
       R"(XpoQ","e":"AQAB"})",
       "eyJhbGciOiJSUzI1NiJ9." + claims +
           ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
           "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARN"
           "PvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1"
           "phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
      {R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
       R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
       "eyJhbGciOiJFUzI1NiJ9." + claims +
           ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1"
           "Q"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
  };
}

TEST(VerificationKey, VerifiesTheExamplesOfTheRfcs) {
  for (const auto& [jwk, token] : examples()) {
    const auto key = key_of(jwk);
    ASSERT_TRUE(key) << key.error();
    const auto dot = token.rfind('.');
    std::string text = token.substr(0, dot);
    const std::string signature = *decode_base64url(token.substr(dot + 1));
    EXPECT_TRUE(key->verify(text, signature)) << to_string(key->algorithm());
    text.back() = text.back() == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key->verify(text, signature));
    EXPECT_FALSE(key->verify(text, ""));
  }
}

TEST(VerificationKey, RefusesWhatIsTooWeakOrForSomethingElse) {
  const std::string x = R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")";
  const std::string y = R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
  const std::string ec = R"({"kty":"EC","crv":"P-256",)" + x + ',' + y;
  const std::string n(344, 'q');  // 2064 bits
  const std::vector<std::pair<std::string, std::string>> bad = {
      {R"({})", "kty"},
      {R"({"kty":"rsa"})", "kty"},
      {R"({"kty":7})", "kty"},
      {R"({"kty":"oct"})", "\"k\""},
      {R"({"kty":"oct","k":""})", "\"k\""},
      {R"({"kty":"oct","k":"AAAA===="})", "\"k\""},
      {R"({"kty":"oct","k":")" + base64url(std::string(31, 's')) + "\"}", "32 to 1024"},
      {R"({"kty":"oct","k":")" + base64url(std::string(1025, 's')) + "\"}", "32 to 1024"},
      {R"({"kty":"RSA","e":"AQAB"})", "\"n\""},
      {R"({"kty":"RSA","n":")" + n + R"("})", "\"e\""},
      {R"({"kty":"RSA","n":")" + n + R"(","e":"Aw"})", "65537"},
      {R"({"kty":"RSA","n":")" + n + R"(","e":"AQAA"})", "65537"},
      {R"({"kty":"RSA","n":")" + n + R"(","e":"AQABAQAB"})", "too long"},
      {R"({"kty":"RSA","n":")" + base64url(std::string(128, '\xff')) + R"(","e":"AQAB"})", "2048"},
      {R"({"kty":"RSA","n":")" + base64url(std::string(1025, '\xff')) + R"(","e":"AQAB"})",
       "too long"},
      {R"({"kty":"EC","crv":"P-384",)" + x + ',' + y + '}', "P-256"},
      {R"({"kty":"EC","crv":"secp256k1",)" + x + ',' + y + '}', "P-256"},
      {R"({"kty":"EC","crv":"P-256",)" + x + '}', "\"y\""},
      {R"({"kty":"EC","crv":"P-256",)" + x + R"(,"y":"AAAA"})", "32 bytes"},
      {R"({"kty":"EC","crv":"P-256",)" + x + R"(,"y":")" + base64url(std::string(32, '\1')) + "\"}",
       "no point"},
      {R"({"kty":"OKP","crv":"X25519",)" + x + '}', "Ed25519"},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})", "32 bytes"},
      {ec + R"(,"alg":"RS256"})", "alg"},
      {ec + R"(,"alg":"HS256"})", "alg"},
      {ec + R"(,"alg":"none"})", "alg"},
      {ec + R"(,"alg":null})", "alg"},
      {ec + R"(,"use":"enc"})", "signatures"},
      {ec + R"(,"key_ops":["sign"]})", "verifying"},
      {ec + R"(,"key_ops":"verify"})", "verifying"},
      {ec + R"(,"d":"AAAA"})", "private"},
      {ec + R"(,"kid":""})", "kid"},
      {ec + R"(,"kid":7})", "kid"},
  };
  for (const auto& [jwk, why] : bad) {
    const auto key = key_of(jwk);
    ASSERT_FALSE(key) << jwk;
    EXPECT_THAT(key.error(), HasSubstr(why)) << jwk;
  }
  EXPECT_TRUE(key_of(ec + R"(,"alg":"ES256","use":"sig","key_ops":["verify"],"kid":"k"})"));
}

TEST(KeySet, OfAFileAllKeysMustDoAndOfAUrlThoseThatDo) {
  const Signer signer(JwtAlgorithm::es256, "e");
  const Signer secret(JwtAlgorithm::hs256, "h");
  const std::string strange = R"({"kty":"future","kid":"f"})";
  EXPECT_THAT(KeySet::parse(set_of({signer.jwk(), strange}), Secrets::allowed).error(),
              HasSubstr("key 2"));
  const auto fetched =
      KeySet::parse(set_of({signer.jwk(), strange, secret.jwk()}), Secrets::refused);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->size(), 1u);
  EXPECT_NE(fetched->find("e"), nullptr);
  EXPECT_EQ(fetched->find("h"), nullptr) << "a secret that anybody can fetch is none";
}

TEST(KeySet, RefusesWhatIsNoneOrUnclear) {
  const Signer signer(JwtAlgorithm::es256, "e");
  const Signer nameless(JwtAlgorithm::eddsa, "o");
  std::string without = nameless.jwk();
  without.erase(without.find(R"("kid":"o",)"), 10);
  const auto refusal = [](const std::string& text) {
    const auto set = KeySet::parse(text, Secrets::refused);
    return set ? "none" : set.error();
  };
  EXPECT_THAT(refusal(""), HasSubstr("JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("JSON"));
  EXPECT_THAT(refusal("{}"), HasSubstr("JWK set"));
  EXPECT_THAT(refusal(R"({"keys":{}})"), HasSubstr("JWK set"));
  EXPECT_THAT(refusal(R"({"keys":[]})"), HasSubstr("no keys"));
  EXPECT_THAT(refusal(R"({"keys":[7]})"), HasSubstr("no object"));
  EXPECT_THAT(refusal(R"({"keys":[],"keys":[]})"), HasSubstr("twice"));
  EXPECT_THAT(refusal(set_of({R"({"kty":"future"})"})), HasSubstr("kty"));
  EXPECT_THAT(refusal(set_of({signer.jwk(), signer.jwk()})), HasSubstr("same"));
  EXPECT_THAT(refusal(set_of({signer.jwk(), without})), HasSubstr("each must have"));
  EXPECT_THAT(refusal(set_of(std::vector<std::string>(65, "{}"))), HasSubstr("64"));
  EXPECT_THAT(refusal(std::string(kKeySetBytesMax + 1, ' ')), HasSubstr("bytes"));
  EXPECT_EQ(refusal(set_of({without})), "none");
}

class KeySourceTest : public testing::Test {
 protected:
  using Renewal = KeySource::Renewal;
  void pass(std::chrono::milliseconds time) { now_ += time; }

  const Signer first_{JwtAlgorithm::eddsa, "first"};
  const Signer second_{JwtAlgorithm::eddsa, "second"};
  std::expected<std::string, std::string> text_ = set_of({first_.jwk()});
  int fetches_ = 0;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::function<void()> while_fetching_ = [] {};
  KeySource source_{{.fetch =
                         [this] {
                           ++fetches_;
                           while_fetching_();
                           return text_;
                         },
                     .clock = [this] { return now_; }}};
};

TEST_F(KeySourceTest, AnUnknownKeyHasThemFetchedOnceAMinuteAtMost) {
  ASSERT_TRUE(source_.load());
  text_ = set_of({second_.jwk()});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(source_.renew(), Renewal::too_soon);
  pass(std::chrono::seconds(60));
  EXPECT_EQ(source_.renew(), Renewal::done);
  EXPECT_NE(source_.keys()->find("second"), nullptr);
  EXPECT_EQ(source_.keys()->find("first"), nullptr) << "a key that is withdrawn is gone";
  EXPECT_EQ(source_.renew(), Renewal::too_soon);
  EXPECT_EQ(fetches_, 2);
}

TEST_F(KeySourceTest, TheOldKeysStayWhenTheNewOnesCannotBeHad) {
  ASSERT_TRUE(source_.load());
  for (const auto& bad : {std::expected<std::string, std::string>(std::unexpected("away")),
                          std::expected<std::string, std::string>("<html>"),
                          std::expected<std::string, std::string>(R"({"keys":[]})")}) {
    text_ = bad;
    pass(std::chrono::minutes(1));
    EXPECT_EQ(source_.renew(), Renewal::failed);
    EXPECT_EQ(source_.renew(), Renewal::too_soon) << "a failure counts too";
    ASSERT_NE(source_.keys(), nullptr);
    EXPECT_NE(source_.keys()->find("first"), nullptr);
  }
  EXPECT_EQ(source_.counters().failures, 3);
  EXPECT_EQ(source_.counters().keys, 1);
}

TEST_F(KeySourceTest, TheyAreFetchedHourlyAndAfterAFailureEachMinute) {
  using std::chrono::hours;
  using std::chrono::minutes;
  text_ = std::unexpected("away");
  EXPECT_EQ(source_.refresh(), minutes(1)) << "at start";
  EXPECT_EQ(source_.keys(), nullptr);
  pass(minutes(1));
  text_ = set_of({first_.jwk()});
  EXPECT_EQ(source_.refresh(), hours(1));
  pass(minutes(59));
  EXPECT_EQ(source_.refresh(), minutes(1));
  EXPECT_EQ(fetches_, 2);
  pass(minutes(1));
  EXPECT_EQ(source_.refresh(), hours(1));
  EXPECT_EQ(fetches_, 3);
}

TEST_F(KeySourceTest, NobodyWaitsForAnothersFetch) {
  ASSERT_TRUE(source_.load());
  pass(std::chrono::minutes(1));
  Renewal meanwhile{};
  while_fetching_ = [&] { meanwhile = source_.renew(); };
  EXPECT_EQ(source_.renew(), Renewal::done);
  EXPECT_EQ(meanwhile, Renewal::under_way);
  while_fetching_ = [] { throw std::bad_alloc(); };
  EXPECT_FALSE(source_.load());
  while_fetching_ = [] {};
  EXPECT_TRUE(source_.load()) << "what failed hard is over too";
}

TEST_F(KeySourceTest, AFileIsReadWhenAskedOnly) {
  KeySource file({.fetch = [this] { return text_; },
                  .secrets = Secrets::allowed,
                  .refresh_every = std::nullopt,
                  .clock = [this] { return now_; }});
  ASSERT_TRUE(file.load());
  pass(std::chrono::hours(9));
  EXPECT_EQ(file.renew(), Renewal::too_soon);
  EXPECT_EQ(file.refresh(), std::nullopt);
}

}  // namespace
}  // namespace msgd::test
