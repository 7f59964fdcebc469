// SPDX-License-Identifier: Apache-2.0
// Users that another program knows by names of its own.
#include "msg/external_ids.h"

#include <future>
#include <set>

#include "conformance/row_contract.h"
#include "external_ids/external_id_codec.h"
#include "maintenance/copy_store.h"
#include "msg/sessions.h"

namespace msg::test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char* kPhone = "+14155550100";

class ExternalIdsContract : public Contract {
 protected:
  static ExternalPerson person(std::string subject, std::string issuer = "https://app.example") {
    return {.id = {.issuer = std::move(issuer), .subject = std::move(subject)}};
  }
  SignedIn sign_in(const ExternalPerson& who) { return must(ids().sign_in(who, "Phone")); }
  ExternalIds ids() { return ExternalIds(*messenger_); }
};

TEST_P(ExternalIdsContract, TheFirstSignInMakesTheUserAndTheNextOneFindsIt) {
  ExternalPerson who = person("17");
  who.display_name = "Ann";
  const auto first = sign_in(who);
  EXPECT_TRUE(first.is_new_user);
  EXPECT_EQ(first.user.display_name, "Ann");
  EXPECT_EQ(first.user.phone, "");
  EXPECT_EQ(first.session.session.device_name, "Phone");
  EXPECT_EQ(must(messenger_->authenticate(first.session.token)).session->user, first.user.id);
  who.display_name = "Another";
  const auto second = sign_in(who);
  EXPECT_FALSE(second.is_new_user);
  EXPECT_EQ(second.user, first.user) << "what the user is called is the user's from then on";
  EXPECT_EQ(must(messenger_->list_sessions(first.user.id)).size(), 2u);
  EXPECT_EQ(must(ids().load_user(who.id)).id, first.user.id);
  EXPECT_THAT(must(ids().list_ids(first.user.id)), ElementsAre(who.id));
}

TEST_P(ExternalIdsContract, IssuersAndSubjectsAreToldApart) {
  std::set<UserId> users;
  for (const auto& [issuer, subject] :
       {std::pair{"a", "bc"}, {"ab", "c"}, {"a", "BC"}, {"a", "bc "}, {"b", "bc"}, {"bc", "a"}}) {
    users.insert(sign_in(person(subject, issuer)).user.id);
  }
  EXPECT_EQ(users.size(), 6u);
  EXPECT_TRUE(refuses(ids().load_user({.issuer = "a", .subject = "c"}), Code::not_found));
  EXPECT_THAT(must(ids().list_ids(UserId{1})), IsEmpty());
}

TEST_P(ExternalIdsContract, WhateverComesFirstAtOnceMakesOneUser) {
  constexpr int kRacers = 8;
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    const ExternalPerson who = person("racer " + std::to_string(round));
    std::vector<std::future<SignedIn>> racers;
    for (int i = 0; i < kRacers; ++i) {
      racers.push_back(std::async(std::launch::async, [&] { return sign_in(who); }));
    }
    std::set<UserId> users;
    int made = 0;
    for (auto& racer : racers) {
      const auto in = racer.get();
      users.insert(in.user.id);
      made += in.is_new_user ? 1 : 0;
    }
    EXPECT_EQ(users.size(), 1u);
    EXPECT_EQ(made, 1);
  }
}

TEST_P(ExternalIdsContract, BadIdsAreRefusedAndNothingIsMade) {
  const auto refused = [&](const std::string& issuer, const std::string& subject,
                           const char* field) {
    return refuses(ids().sign_in(person(subject, issuer), ""), Code::invalid_argument, field);
  };
  EXPECT_TRUE(refused("", "17", "issuer"));
  EXPECT_TRUE(refused("i", "", "subject"));
  EXPECT_TRUE(refused("i", std::string(256, 's'), "subject"));
  EXPECT_TRUE(refused(std::string(256, 'i'), "17", "issuer"));
  EXPECT_TRUE(refused("i", "a\nb", "subject"));
  EXPECT_TRUE(refused("i", "\xff", "subject"));
  EXPECT_TRUE(refuses(ids().sign_in(person("17"), std::string(1000, 'd')), Code::invalid_argument,
                      "device_name"));
  EXPECT_TRUE(must(messenger_->list_users({})).items.empty());
  sign_in(person(std::string(255, 's'), std::string(255, 'i')));
}

TEST_P(ExternalIdsContract, NamesAndNumbersThatBreakARuleAreLeftOut) {
  ExternalPerson who = person("17");
  who.display_name = std::string(65, 'x');
  who.phone = "555";
  const auto in = sign_in(who);
  EXPECT_EQ(in.user.display_name, "User");
  EXPECT_EQ(in.user.phone, "");
}

TEST_P(ExternalIdsContract, AProvenNumberLeadsToItsUser) {
  const User old = must(messenger_->register_user({.phone = kPhone, .display_name = "Old"}));
  ExternalPerson who = person("17");
  who.phone = "+1 415 555 0100";
  const auto in = sign_in(who);
  EXPECT_EQ(in.user.id, old.id);
  EXPECT_FALSE(in.is_new_user);
  who.phone.reset();
  EXPECT_EQ(sign_in(who).user.id, old.id) << "the id alone is enough from then on";
  who = person("18");
  who.phone = "+14155550177";
  EXPECT_EQ(sign_in(who).user.phone, "+14155550177");
}

TEST_P(ExternalIdsContract, ANumberThatChangedHandsHandsNoAccountOver) {
  ExternalPerson before = person("17");
  before.phone = kPhone;
  const auto owner = sign_in(before);
  ExternalPerson after = person("18");
  after.phone = kPhone;
  const auto other = sign_in(after);
  EXPECT_TRUE(other.is_new_user);
  EXPECT_NE(other.user.id, owner.user.id);
  EXPECT_EQ(other.user.phone, "");
  EXPECT_EQ(must(messenger_->load_user_by_phone(kPhone)).id, owner.user.id);
  // To another issuer it may be the same person.
  ExternalPerson elsewhere = person("99", "https://other.example");
  elsewhere.phone = kPhone;
  EXPECT_EQ(sign_in(elsewhere).user.id, owner.user.id);
  EXPECT_EQ(must(ids().list_ids(owner.user.id)).size(), 2u);
}

TEST_P(ExternalIdsContract, AnAccountWithAPinIsNotReachedByItsNumber) {
  const User old = must(messenger_->register_user({.phone = kPhone}));
  SignInOptions rules{.countries = {"*"}};
  rules.pin_memory_bytes = 8192;
  rules.pin_passes = 1;
  const auto phones =
      must(SignIn::open(*messenger_, rules, [](const CodeToSend&) { return Result<void>(); }));
  must(phones->set_pin(old.id, "1234 5678"));
  ExternalPerson who = person("17");
  who.phone = kPhone;
  const auto in = sign_in(who);
  EXPECT_TRUE(in.is_new_user);
  EXPECT_NE(in.user.id, old.id);
}

TEST_P(ExternalIdsContract, ItsSessionsAreSessionsLikeOthers) {
  for (int i = 0; i < 18; ++i) sign_in(person("17"));
  const auto last = sign_in(person("17"));
  EXPECT_EQ(must(messenger_->list_sessions(last.user.id)).size(), 16u);
  must(messenger_->revoke_session(last.user.id, last.session.session.id));
  EXPECT_TRUE(refuses(messenger_->authenticate(last.session.token), Code::unauthenticated));
}

MSG_FOR_EACH_BACKEND(ExternalIdsContract);

/// Several servers on one store.
class ExternalIdsShared : public ExternalIdsContract {};

TEST_P(ExternalIdsShared, WhateverComesFirstThroughTwoServersMakesOneUser) {
  Options other_options = options_;
  other_options.node = 1;
  const auto other = must(open(GetParam().url(directory_), other_options));
  for (int round = 0; round < 10; ++round) {
    ExternalPerson who = person("racer " + std::to_string(round));
    who.phone = "+1415555" + std::to_string(1000 + round);
    std::vector<std::future<SignedIn>> racers;
    for (int i = 0; i < 6; ++i) {
      Messenger& through = i % 2 == 0 ? *messenger_ : *other;
      racers.push_back(std::async(std::launch::async, [&through, &who] {
        return must(ExternalIds(through).sign_in(who, ""));
      }));
    }
    std::set<UserId> users;
    for (auto& racer : racers) users.insert(racer.get().user.id);
    EXPECT_EQ(users.size(), 1u);
  }
}

MSG_FOR_EACH_SHARED_BACKEND(ExternalIdsShared);

}  // namespace

/// What is stored of them, looked at by a check.
class ExternalIdRows : public rows::RowContract {
 protected:
  std::vector<std::string> problems() { return must(check_store(*store_, {})).problems; }
};

TEST_P(ExternalIdRows, ACheckFindsHalvesThatDoNotFit) {
  const ExternalRow row{.user = rows::kAda, .id = {.issuer = "i", .subject = "17"}};
  const auto put = [&](const SideRecord& record) {
    write([&](WriteTransaction& t) { must(t.put_side_record(record)); });
  };
  const auto erase = [&](const SideRecord& record) {
    write([&](WriteTransaction& t) {
      must(t.erase_side_record(record.kind, record.owner, record.key));
    });
  };
  write([&](WriteTransaction& t) { must(t.put_user(rows::user(rows::kAda, ""), nullptr)); });
  put(record_of_id(row));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("no other half")));
  put(record_of_user(row));
  EXPECT_THAT(problems(), IsEmpty());
  erase(record_of_id(row));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("no other half")));
  erase(record_of_user(row));
  const ExternalRow nobody{.user = rows::kBob, .id = row.id};
  put(record_of_id(nobody));
  put(record_of_user(nobody));
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("does not exist"), HasSubstr("does not exist")));
  erase(record_of_id(nobody));
  erase(record_of_user(nobody));
  SideRecord moved = record_of_id(row);
  moved.key.front() = static_cast<char>(moved.key.front() ^ 1);
  put(moved);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("not where")));
  moved.value += "x";
  put(moved);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("malformed")));
}

MSG_FOR_EACH_BACKEND(ExternalIdRows);

}  // namespace msg::test
