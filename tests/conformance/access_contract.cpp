// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "msg/administration.h"

namespace msg::test {
namespace {

class AccessContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
};

TEST_P(AccessContract, ASessionTokenActsAsItsUserOnly) {
  const auto made = must(messenger_->create_session(alice_.id, "Phone"));
  EXPECT_TRUE(made.token.starts_with("mss_"));
  EXPECT_EQ(made.token.size(), 47u);
  const auto principal = must(messenger_->authenticate(made.token));
  ASSERT_TRUE(principal.session);
  EXPECT_EQ(principal.session->device_name, "Phone");
  EXPECT_EQ(must(messenger_->act_as(principal, std::nullopt)), alice_.id);
  EXPECT_EQ(must(messenger_->act_as(principal, alice_.id)), alice_.id);
  EXPECT_TRUE(refuses(messenger_->act_as(principal, bob_.id), Code::permission_denied, "user_id"));
}

TEST_P(AccessContract, AnApiKeyActsAsAnyUserThatExists) {
  const auto made = must(messenger_->create_api_key("backend"));
  EXPECT_TRUE(made.secret.starts_with("msk_"));
  const auto principal = must(messenger_->authenticate(made.secret));
  ASSERT_TRUE(principal.key);
  EXPECT_EQ(principal.key->name, "backend");
  EXPECT_EQ(must(messenger_->act_as(principal, bob_.id)), bob_.id);
  EXPECT_TRUE(
      refuses(messenger_->act_as(principal, std::nullopt), Code::invalid_argument, "user_id"));
  EXPECT_TRUE(refuses(messenger_->act_as(principal, UserId{1}), Code::not_found));
}

TEST_P(AccessContract, AKeyDoesWhatItsScopesSayAndMakesNoneThatDoesMore) {
  const auto key_with = [&](KeyScopes scopes) {
    return must(messenger_->create_api_key("k", scopes));
  };
  const auto administration = [&](const NewApiKey& made) {
    return Administration(*messenger_, {.key = must(messenger_->authenticate(made.secret)).key});
  };
  const KeyScopes both{KeyScope::admin, KeyScope::read_metrics};
  const auto admin = key_with(both);
  const auto actor = key_with({KeyScope::act_as_user});
  EXPECT_EQ(must(messenger_->authenticate(admin.secret)).key->scopes, both);
  EXPECT_EQ(must(messenger_->list_api_keys()).at(1).scopes, KeyScopes{KeyScope::act_as_user});
  EXPECT_EQ(must(messenger_->create_api_key("old")).key.scopes, KeyScopes::all());
  EXPECT_TRUE(refuses(messenger_->create_api_key("none", {}), Code::invalid_argument, "scopes"));

  const auto as = [&](const NewApiKey& made) {
    return messenger_->act_as(must(messenger_->authenticate(made.secret)), bob_.id);
  };
  EXPECT_EQ(must(as(actor)), bob_.id);
  EXPECT_TRUE(refuses(as(admin), Code::permission_denied));

  EXPECT_EQ(must(administration(admin).create_key("same", {})).key.scopes, both);
  EXPECT_EQ(must(administration(admin).create_key("less", KeyScopes{KeyScope::admin})).key.scopes,
            KeyScopes{KeyScope::admin});
  const std::size_t count = must(messenger_->list_api_keys()).size();
  for (const KeyScopes more : {KeyScopes::all(), KeyScopes{KeyScope::act_as_user}}) {
    EXPECT_TRUE(
        refuses(administration(admin).create_key("more", more), Code::permission_denied, "scopes"));
  }
  EXPECT_TRUE(refuses(administration(admin).create_key("none", KeyScopes{}), Code::invalid_argument,
                      "scopes"));
  EXPECT_TRUE(refuses(administration(actor).create_key("k", {}), Code::permission_denied));
  EXPECT_TRUE(refuses(administration(actor).revoke_key(admin.key.id), Code::permission_denied));
  EXPECT_EQ(must(messenger_->list_api_keys()).size(), count);
  must(administration(admin).revoke_key(actor.key.id));
  must(Administration(*messenger_, {}).revoke_key(admin.key.id));
  EXPECT_TRUE(refuses(messenger_->authenticate(admin.secret), Code::unauthenticated));
}

TEST_P(AccessContract, AllBadTokensGetOneAnswer) {
  const auto made = must(messenger_->create_session(alice_.id, ""));
  std::string changed = made.token;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  std::string as_key = made.token;
  as_key[2] = 'k';
  const std::string detail = messenger_->authenticate("").error().detail;
  for (const std::string& token :
       {changed, as_key, std::string("mss_"), std::string(100'000, 'x')}) {
    const auto result = messenger_->authenticate(token);
    EXPECT_TRUE(refuses(result, Code::unauthenticated));
    EXPECT_EQ(result.error().detail, detail);
  }
}

TEST_P(AccessContract, RevocationIsImmediateAndOnlyForOnesOwn) {
  const auto made = must(messenger_->create_session(alice_.id, ""));
  EXPECT_TRUE(refuses(messenger_->revoke_session(bob_.id, made.session.id), Code::not_found));
  EXPECT_TRUE(messenger_->authenticate(made.token));
  must(messenger_->revoke_session(alice_.id, made.session.id));
  EXPECT_TRUE(refuses(messenger_->authenticate(made.token), Code::unauthenticated));
  EXPECT_TRUE(refuses(messenger_->revoke_session(alice_.id, made.session.id), Code::not_found));

  const auto key = must(messenger_->create_api_key("k"));
  must(messenger_->revoke_api_key(key.key.id));
  EXPECT_TRUE(refuses(messenger_->authenticate(key.secret), Code::unauthenticated));
  EXPECT_TRUE(must(messenger_->list_api_keys()).empty());
}

TEST_P(AccessContract, TheOldestSessionEndsWhenThereAreTooMany) {
  std::vector<NewSession> made;
  for (int i = 0; i < 18; ++i) made.push_back(must(messenger_->create_session(alice_.id, "")));
  EXPECT_EQ(must(messenger_->list_sessions(alice_.id)).size(), 16u);
  EXPECT_FALSE(messenger_->authenticate(made[1].token));
  EXPECT_TRUE(messenger_->authenticate(made[2].token));
  EXPECT_TRUE(must(messenger_->list_sessions(bob_.id)).empty());
}

TEST_P(AccessContract, ASessionTellsWhenItWasLastUsed) {
  const auto made = must(messenger_->create_session(alice_.id, "Phone"));
  const auto seen = [&] { return must(messenger_->list_sessions(alice_.id)).at(0).last_seen_at; };
  EXPECT_EQ(made.session.last_seen_at, made.session.created_at);
  EXPECT_EQ(seen(), made.session.created_at);
  advance(kLastSeenStep - std::chrono::milliseconds(1));
  must(messenger_->authenticate(made.token));
  send(alice_, direct(alice_, bob_), "what was asked for before is done before");
  EXPECT_EQ(seen(), made.session.created_at) << "not each use is written down";
  advance(std::chrono::milliseconds(1));
  must(messenger_->authenticate(made.token));
  send(alice_, direct(alice_, bob_), "the same");
  EXPECT_EQ(seen(), now());
  EXPECT_EQ(must(messenger_->authenticate(made.token)).session->device_name, "Phone");
  must(messenger_->revoke_session(alice_.id, made.session.id));
  EXPECT_TRUE(must(messenger_->list_sessions(alice_.id)).empty());
}

MSG_FOR_EACH_BACKEND(AccessContract);

}  // namespace
}  // namespace msg::test
