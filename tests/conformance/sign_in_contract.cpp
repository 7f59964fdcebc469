// SPDX-License-Identifier: Apache-2.0
// Signing in by phone number: what a code is good for, for whom, how often and how long.
#include "msg/sign_in.h"

#include <condition_variable>
#include <mutex>

#include "conformance/contract.h"

namespace msg::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kPhone = "+14155550100";
constexpr const char* kOther = "+14155550199";
constexpr const char* kNonce = "0123456789abcdef";
constexpr const char* kPin = "1234 5678";

/// What would reach telephones.
class Telephones {
 public:
  Result<void> take(const CodeToSend& code) {
    const std::scoped_lock lock(mutex_);
    codes_.push_back(code);
    arrived_.notify_all();
    return {};
  }
  /// The nth code of all, once it is there.
  std::string code(std::size_t nth) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return codes_.size() >= nth; });
    return codes_.at(nth - 1).code;
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return codes_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<CodeToSend> codes_;
};

class SignInContract : public Contract {
 protected:
  SignInContract() {
    rules_.countries = {"1", "49"};
    rules_.pin_memory_bytes = 8192;
    rules_.pin_passes = 1;
    open();
  }
  ~SignInContract() override { sign_in_.reset(); }

  void open() {
    sign_in_.reset();
    sign_in_ = must(SignIn::open(*messenger_, rules_,
                                 [this](const CodeToSend& code) { return phones_.take(code); }));
  }
  Result<CodeRequested> request(const std::string& phone = kPhone, const std::string& from = {}) {
    return sign_in_->request_code({.phone = phone, .device_nonce = kNonce, .origin = from});
  }
  /// Asks for a code, and gets it.
  ProvenPhone prove(const std::string& phone = kPhone) {
    const auto requested = must(request(phone));
    return {.request_id = requested.request_id,
            .device_nonce = kNonce,
            .code = phones_.code(static_cast<std::size_t>(sign_in_->counters().sent))};
  }
  Result<SignedIn> verify(const ProvenPhone& proof, std::optional<std::string> pin = {}) {
    return sign_in_->verify({.proof = proof, .device_name = "Phone", .pin = std::move(pin)});
  }
  static ProvenPhone wrong(ProvenPhone proof) {
    proof.code.back() = proof.code.back() == '0' ? '1' : '0';
    return proof;
  }
  void fail_times(const ProvenPhone& proof, int times) {
    for (int i = 0; i < times; ++i) {
      EXPECT_TRUE(refuses(verify(wrong(proof)), Code::permission_denied, "code")) << i;
    }
  }
  bool is_good(const std::string& token) { return messenger_->authenticate(token).has_value(); }

  SignInOptions rules_;
  Telephones phones_;
  std::unique_ptr<SignIn> sign_in_;
};

TEST_P(SignInContract, TheFirstCodeMakesTheUserAndTheNextOneFindsIt) {
  const auto first = must(verify(prove()));
  EXPECT_TRUE(first.is_new_user);
  EXPECT_EQ(first.user.phone, kPhone);
  EXPECT_EQ(first.session.session.device_name, "Phone");
  EXPECT_EQ(must(messenger_->authenticate(first.session.token)).session->user, first.user.id);
  advance(minutes(2));
  const auto second = must(verify(prove()));
  EXPECT_FALSE(second.is_new_user);
  EXPECT_EQ(second.user.id, first.user.id);
  EXPECT_NE(second.session.token, first.session.token);
  EXPECT_EQ(must(messenger_->list_sessions(first.user.id)).size(), 2);
}

TEST_P(SignInContract, ACodeWorksOnceForItsRequestAndItsDevice) {
  const ProvenPhone proof = prove();
  ProvenPhone other = proof;
  other.device_nonce = "fedcba9876543210";
  EXPECT_TRUE(refuses(verify(other), Code::permission_denied, "code"));
  advance(minutes(1));
  const ProvenPhone later = prove();
  ProvenPhone crossed = proof;
  crossed.code = later.code == proof.code ? "none" : later.code;
  EXPECT_TRUE(refuses(verify(crossed), Code::permission_denied, "code"));
  must(verify(proof));
  EXPECT_TRUE(refuses(verify(proof), Code::permission_denied, "code"));
  EXPECT_TRUE(refuses(verify(later), Code::permission_denied, "code"))
      << "nothing waits behind a sign-in";
  other.request_id = std::string(32, 'A');
  EXPECT_TRUE(refuses(verify(other), Code::permission_denied, "code"));
  other.request_id = "x";
  EXPECT_TRUE(refuses(verify(other), Code::permission_denied, "code"));
}

TEST_P(SignInContract, ACodeIsGoodForFiveMinutes) {
  const ProvenPhone proof = prove();
  advance(minutes(5) - seconds(1));
  must(verify(proof));
  const ProvenPhone late = prove();
  advance(minutes(5));
  EXPECT_TRUE(refuses(verify(late), Code::permission_denied, "code"));
}

TEST_P(SignInContract, AStrangersRequestTakesNobodysCodeAway) {
  const ProvenPhone mine = prove();
  advance(minutes(1));
  prove();
  must(verify(mine));
}

TEST_P(SignInContract, FiveWrongGuessesEndACode) {
  const ProvenPhone proof = prove();
  fail_times(proof, 5);
  EXPECT_TRUE(refuses(verify(proof), Code::permission_denied, "code"));
  advance(minutes(1));
  must(verify(prove()));
}

TEST_P(SignInContract, TenWrongGuessesOfANumberMakeItWaitWhateverTheCode) {
  fail_times(prove(), 5);
  advance(minutes(1));
  fail_times(prove(), 5);
  advance(minutes(1) - seconds(1));
  const auto waiting = [&](const ProvenPhone& proof, std::chrono::milliseconds wait) {
    const auto refused = verify(proof);
    EXPECT_TRUE(refuses(refused, Code::rate_limited));
    EXPECT_EQ(refused.error().retry_after, wait);
  };
  advance(seconds(1));
  const ProvenPhone third = prove();
  fail_times(third, 1);  // the first wait has passed with the minute
  waiting(third, minutes(2));
  advance(minutes(2));
  fail_times(third, 1);
  waiting(third, minutes(4));
  advance(minutes(1));
  const ProvenPhone fourth = prove();
  waiting(fourth, minutes(3));
  advance(minutes(3));
  must(verify(fourth));
  advance(minutes(1));
  fail_times(prove(), 5);  // a success has reset it
}

TEST_P(SignInContract, NoLockIsPermanent) {
  rules_.sends_per_day = 100;
  open();
  for (int i = 0; i < 4; ++i) {
    const ProvenPhone proof = prove();
    while (true) {
      const auto refused = verify(wrong(proof));
      if (refused.error().code == Code::rate_limited) {
        EXPECT_LE(refused.error().retry_after, hours(1));
        advance(refused.error().retry_after);
      }
      if (verify(wrong(proof)).error().code == Code::permission_denied) break;
    }
    advance(minutes(1));
  }
  advance(hours(1));
  must(verify(prove()));
}

TEST_P(SignInContract, ANumberGetsACodeAMinuteAndFiveADay) {
  const auto first = must(request());
  EXPECT_EQ(first.lifetime, minutes(5));
  EXPECT_EQ(first.resend_after, minutes(1));
  const auto withheld = must(request());
  EXPECT_EQ(withheld.request_id.size(), first.request_id.size());
  for (int i = 0; i < 6; ++i) {
    advance(minutes(1));
    must(request());
  }
  EXPECT_EQ(sign_in_->counters().sent, 5);
  EXPECT_EQ(sign_in_->counters().withheld, 3);
  must(request(kOther));
  EXPECT_EQ(sign_in_->counters().sent, 6);
  phones_.code(6);  // has come: the next one is not overtaken by it
  advance(hours(24));
  must(verify(prove()));
}

TEST_P(SignInContract, NumbersOfOtherCountriesAreRefusedAndSoAreAllWhenNoneIsNamed) {
  EXPECT_TRUE(refuses(request("+905551234567"), Code::permission_denied, "phone"));
  EXPECT_TRUE(refuses(request("5551234567"), Code::invalid_argument, "phone"));
  must(request("+49 30 901820"));
  rules_.countries.clear();
  open();
  EXPECT_TRUE(refuses(request(), Code::permission_denied, "phone"));
  rules_.countries = {"*"};
  open();
  must(request("+905551234567"));
}

TEST_P(SignInContract, AnAddressAsksTenTimesAnHour) {
  for (int i = 0; i < 10; ++i) {
    must(request("+1415555" + std::to_string(1000 + i), "198.51.100." + std::to_string(i)));
  }
  const auto refused = request(kPhone, "::ffff:198.51.100.77");
  EXPECT_TRUE(refuses(refused, Code::rate_limited));
  EXPECT_EQ(refused.error().retry_after, hours(1));
  must(request(kPhone, "198.51.101.1"));
  for (int i = 0; i < 10; ++i) must(request(kPhone, "2001:db8:1:2::" + std::to_string(i)));
  EXPECT_TRUE(refuses(request(kPhone, "2001:db8:1:2:ffff::1"), Code::rate_limited));
  must(request(kPhone, "2001:db8:1:3::1"));
  advance(hours(1));
  must(request(kPhone, "198.51.100.1"));
}

TEST_P(SignInContract, PrefixesAndCountriesHaveBudgetsThatTheirNumbersDoNotShow) {
  rules_.sends_per_prefix = 3;
  rules_.sends_per_country = 5;
  open();
  for (int i = 0; i < 9; ++i) must(request("+1415555" + std::to_string(1000 + i)));
  EXPECT_EQ(sign_in_->counters().sent, 3);
  for (int i = 0; i < 9; ++i) must(request("+1415556" + std::to_string(1000 + i)));
  EXPECT_EQ(sign_in_->counters().sent, 5);
  must(request("+4930901820"));
  EXPECT_EQ(sign_in_->counters().sent, 6);
}

TEST_P(SignInContract, AboveTheBudgetOfAllEverybodyIsToldTo) {
  rules_.sends_in_all = 3;
  open();
  for (int i = 0; i < 3; ++i) must(request("+1415555" + std::to_string(1000 + i)));
  EXPECT_TRUE(refuses(request("+14155559999"), Code::overloaded));
  advance(hours(1));
  must(request());
}

TEST_P(SignInContract, AnAlarmIsGivenWhenFewCodesAreUsed) {
  rules_.conversion_codes_min = 10;
  open();
  for (int i = 0; i < 4; ++i) must(verify(prove("+1415555" + std::to_string(1000 + i))));
  for (int i = 4; i < 12; ++i) must(request("+1415555" + std::to_string(1000 + i)));
  EXPECT_FALSE(sign_in_->counters().conversion_percent) << "they may still be used";
  advance(minutes(10));
  EXPECT_EQ(sign_in_->counters().conversion_percent, 33);
  EXPECT_FALSE(sign_in_->counters().conversion_alarm);
  for (int i = 12; i < 18; ++i) must(request("+1415555" + std::to_string(1000 + i)));
  advance(minutes(10));
  EXPECT_EQ(sign_in_->counters().conversion_percent, 22);
  EXPECT_TRUE(sign_in_->counters().conversion_alarm);
}

TEST_P(SignInContract, AnAccountWithAPinNeedsItToo) {
  const auto user = must(verify(prove())).user;
  EXPECT_TRUE(refuses(sign_in_->set_pin(user.id, "123"), Code::invalid_argument, "pin"));
  must(sign_in_->set_pin(user.id, kPin));
  advance(minutes(1));
  const ProvenPhone proof = prove();
  EXPECT_TRUE(refuses(verify(proof), Code::permission_denied, "pin"));
  EXPECT_TRUE(refuses(verify(proof, "0000"), Code::permission_denied, "pin"));
  EXPECT_TRUE(refuses(verify(wrong(proof), kPin), Code::permission_denied, "code"));
  EXPECT_EQ(must(verify(proof, kPin)).user.id, user.id);
  EXPECT_TRUE(refuses(verify(proof, kPin), Code::permission_denied, "code"));
  must(sign_in_->remove_pin(user.id));
  advance(minutes(1));
  must(verify(prove()));
}

TEST_P(SignInContract, WrongPinsAreCountedLikeWrongCodes) {
  rules_.failures_per_day = 3;
  open();
  const auto user = must(verify(prove())).user;
  must(sign_in_->set_pin(user.id, kPin));
  advance(minutes(1));
  const ProvenPhone proof = prove();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(refuses(verify(proof, "0000"), Code::permission_denied, "pin"));
  }
  EXPECT_TRUE(refuses(verify(proof, kPin), Code::rate_limited));
  advance(minutes(1));
  must(verify(proof, kPin));
  advance(minutes(1));
  const ProvenPhone next = prove();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(refuses(verify(next, "0000"), Code::permission_denied, "pin"));
  }
}

TEST_P(SignInContract, ARecycledNumberBeginsANewAccountOnceTheOldOneIsUnused) {
  const auto old = must(verify(prove()));
  must(sign_in_->set_pin(old.user.id, kPin));
  advance(hours(24) * 6);
  SignInAttempt attempt{.proof = prove(), .device_name = "New", .begin_new_account = true};
  const auto early = sign_in_->verify(attempt);
  EXPECT_TRUE(refuses(early, Code::conflict, "begin_new_account"));
  EXPECT_LE(early.error().retry_after, hours(24));
  advance(hours(24));
  attempt.proof = prove();
  const auto fresh = must(sign_in_->verify(attempt));
  EXPECT_TRUE(fresh.is_new_user);
  EXPECT_NE(fresh.user.id, old.user.id);
  EXPECT_EQ(must(messenger_->load_user_by_phone(kPhone)).id, fresh.user.id);
  EXPECT_EQ(must(messenger_->load_user(old.user.id)).phone, "");
  EXPECT_TRUE(is_good(old.session.token)) << "the old account keeps all but the number";
  must(sign_in_->change_phone(old.session.session, prove(kOther)));
  EXPECT_EQ(must(messenger_->load_user_by_phone(kOther)).id, old.user.id);
}

TEST_P(SignInContract, ANewNumberNeedsACodeOfItsOwnAndEndsTheOtherSessions) {
  const auto first = must(verify(prove()));
  advance(minutes(1));
  const auto second = must(verify(prove()));
  const ProvenPhone proof = prove(kOther);
  EXPECT_TRUE(refuses(sign_in_->change_phone(second.session.session, wrong(proof)),
                      Code::permission_denied, "code"));
  const auto changed = must(sign_in_->change_phone(second.session.session, proof));
  EXPECT_EQ(changed.user.phone, kOther);
  EXPECT_THAT(changed.ended, testing::ElementsAre(first.session.session.id));
  EXPECT_FALSE(is_good(first.session.token));
  EXPECT_TRUE(is_good(second.session.token));
  advance(minutes(1));
  const auto stranger = must(verify(prove()));
  EXPECT_TRUE(stranger.is_new_user);
  EXPECT_TRUE(refuses(sign_in_->change_phone(stranger.session.session, prove(kOther)),
                      Code::conflict, "phone"));
}

MSG_FOR_EACH_BACKEND(SignInContract);

}  // namespace
}  // namespace msg::test
