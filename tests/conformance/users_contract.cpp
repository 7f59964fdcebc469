// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

namespace msg::test {
namespace {

class UsersContract : public Contract {};

TEST_P(UsersContract, RegistersAndFindsByIdPhoneAndUsername) {
  const User user = must(messenger_->register_user({.phone = "+1 (415) 555-0100",
                                                    .username = "alice",
                                                    .display_name = "Alice ✨",
                                                    .about = "hi",
                                                    .avatar = "a.png"}));
  EXPECT_EQ(user.phone, "+14155550100");
  EXPECT_EQ(user.created_at, now());
  for (const auto& found :
       {messenger_->load_user(user.id), messenger_->load_user_by_phone("0014155550100"),
        messenger_->load_user_by_username("alice")}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, user.id);
    EXPECT_EQ(found->display_name, "Alice ✨");
    EXPECT_EQ(found->about, "hi");
    EXPECT_EQ(found->avatar, "a.png");
  }
}

TEST_P(UsersContract, KeepsWhenAUserWasSeenAndWhoMayKnow) {
  const User alice = add_user("alice");
  const User bob = add_user("bob");
  EXPECT_EQ(alice.presence_to, Audience::contacts);
  EXPECT_FALSE(alice.last_seen);
  for (const auto audience : {Audience::nobody, Audience::everyone, Audience::contacts}) {
    must(messenger_->update_user(alice.id, {.presence_to = audience}));
    EXPECT_EQ(must(messenger_->load_user(alice.id)).presence_to, audience);
  }
  const Time later = now() + std::chrono::seconds(5);
  const std::vector<LastSeen> seen{{bob.id, later}, {UserId{77}, later}, {alice.id, now()}};
  must(messenger_->note_last_seen(seen));
  must(messenger_->note_last_seen(std::vector<LastSeen>{{bob.id, now()}}));
  must(messenger_->note_last_seen({}));
  EXPECT_EQ(must(messenger_->load_user(alice.id)).last_seen, now());
  EXPECT_EQ(must(messenger_->load_user(bob.id)).last_seen, later) << "never earlier";
  EXPECT_EQ(must(messenger_->load_user(bob.id)).display_name, bob.display_name);
}

TEST_P(UsersContract, KeepsPhoneAndUsernameUnique) {
  const User alice = add_user("alice");
  const User bob = add_user("bob");
  EXPECT_TRUE(refuses(messenger_->register_user({.phone = alice.phone, .username = {}}),
                      Code::conflict, "phone"));
  EXPECT_TRUE(refuses(messenger_->register_user({.phone = "+14155559999", .username = "alice"}),
                      Code::conflict, "username"));
  EXPECT_TRUE(
      refuses(messenger_->update_user(bob.id, {.phone = alice.phone}), Code::conflict, "phone"));
  EXPECT_TRUE(refuses(messenger_->load_user_by_phone("+14155559999"), Code::not_found));
}

TEST_P(UsersContract, MovesPhoneAndUsernameOnUpdate) {
  const User alice = add_user("alice");
  must(messenger_->update_user(
      alice.id, {.phone = "+442079460000", .username = "alicia", .display_name = "Alicia"}));
  EXPECT_TRUE(refuses(messenger_->load_user_by_username("alice"), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->load_user_by_phone(alice.phone), Code::not_found));
  EXPECT_EQ(must(messenger_->load_user_by_username("alicia")).display_name, "Alicia");
  must(messenger_->update_user(alice.id, {.username = ""}));
  EXPECT_FALSE(must(messenger_->load_user(alice.id)).username);
  EXPECT_TRUE(messenger_->register_user({.phone = "+14155557777", .username = "alicia"}));
}

TEST_P(UsersContract, NamesTheFieldThatIsWrong) {
  const auto attempt = [&](NewUser user) { return messenger_->register_user(user); };
  EXPECT_TRUE(refuses(attempt({.phone = "555"}), Code::invalid_argument, "phone"));
  EXPECT_TRUE(refuses(attempt({.phone = "+14155550100", .username = "A b"}), Code::invalid_argument,
                      "username"));
  EXPECT_TRUE(refuses(
      attempt({.phone = "+14155550100", .username = {}, .display_name = std::string(65, 'x')}),
      Code::invalid_argument, "display_name"));
  EXPECT_TRUE(refuses(
      attempt({.phone = "+14155550100", .username = {}, .display_name = "x", .about = "\xC3\x28"}),
      Code::invalid_argument, "about"));
  EXPECT_TRUE(refuses(messenger_->load_user(UserId{17}), Code::not_found));
}

TEST_P(UsersContract, ListsAllInPages) {
  for (int i = 0; i < 7; ++i) add_user("user" + std::to_string(i));
  std::vector<UserId> seen;
  PageRequest request{.limit = 3, .cursor = {}};
  while (true) {
    const auto page = must(messenger_->list_users(request));
    for (const auto& user : page.items) seen.push_back(user.id);
    if (!page.has_more) break;
    request.cursor = page.next;
  }
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

MSG_FOR_EACH_BACKEND(UsersContract);

}  // namespace
}  // namespace msg::test
