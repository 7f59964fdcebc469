// SPDX-License-Identifier: Apache-2.0
// How a user wants to have a conversation shown: for that user's devices, and nobody else.
#include "contract.h"
#include "listener.h"

namespace msg::test {
namespace {

constexpr Preferences kPlain{};

class PreferencesContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId chat_ = direct(alice_, bob_);
  const Time later_ = now() + std::chrono::hours{8};

  ConversationView view(const User& user) {
    return must(messenger_->load_conversation(user.id, chat_));
  }
  SyncPage sync(const User& user, const std::string& cursor) {
    return must(messenger_->sync(user.id, {.limit = 0, .cursor = cursor}));
  }
};

TEST_P(PreferencesContract, AreKeptOneByOneAndForTheirUserAlone) {
  must(messenger_->prefer(bob_.id, chat_, {.pinned = true}));
  must(messenger_->prefer(bob_.id, chat_, {.muted_until = later_}));
  const Preferences all{.pinned = true, .archived = true, .muted_until = later_};
  EXPECT_EQ(must(messenger_->prefer(bob_.id, chat_, {.archived = true})), all);
  EXPECT_EQ(view(bob_).preferences, all);
  EXPECT_EQ(must(messenger_->list_conversations(bob_.id, {})).items[0].preferences, all);
  EXPECT_EQ(view(alice_).preferences, kPlain);
  send(alice_, chat_, "hi");
  read(bob_, chat_, 1);
  EXPECT_EQ(view(bob_).preferences, all) << "after other changes to the same member";

  must(messenger_->prefer(bob_.id, chat_, {.pinned = false, .archived = false}));
  EXPECT_EQ(must(messenger_->prefer(bob_.id, chat_, {.muted_until = Time{}})), kPlain)
      << "a time that has passed";
  EXPECT_EQ(view(bob_).preferences, kPlain);
}

TEST_P(PreferencesContract, OnesOwnDevicesHearOfThemOnceAndNobodyElse) {
  const auto before = must(messenger_->sync_position());
  Listener for_alice;
  Listener for_bob;
  const auto a = must(messenger_->subscribe(alice_.id, for_alice.handler()));
  const auto b = must(messenger_->subscribe(bob_.id, for_bob.handler()));
  ASSERT_TRUE(must(a->go_live(before)));
  ASSERT_TRUE(must(b->go_live(before)));
  must(messenger_->prefer(bob_.id, chat_, {.pinned = true}));
  must(messenger_->prefer(bob_.id, chat_, {.pinned = true}));
  const auto told = for_bob.all<PreferencesEvent>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].preferences.pinned);
  EXPECT_TRUE(for_alice.events().empty());

  const auto page = sync(bob_, before);
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_TRUE(page.conversations[0].view.preferences.pinned);
  EXPECT_TRUE(sync(bob_, page.cursor).conversations.empty());
  EXPECT_TRUE(sync(bob_, for_bob.events().back()->cursor).conversations.empty());
  EXPECT_TRUE(sync(alice_, before).conversations.empty());
}

TEST_P(PreferencesContract, BeginAnewWhoeverJoinsAgain) {
  const auto id = group(alice_, {bob_.id});
  must(messenger_->prefer(bob_.id, id, {.archived = true}));
  must(messenger_->remove_member(alice_.id, id, bob_.id));
  EXPECT_TRUE(refuses(messenger_->prefer(bob_.id, id, {.pinned = true}), Code::permission_denied));
  must(messenger_->add_member(alice_.id, id, bob_.id, Role::member));
  EXPECT_EQ(must(messenger_->load_conversation(bob_.id, id)).preferences, kPlain);
}

TEST_P(PreferencesContract, RefuseWhatCannotBe) {
  const auto carol = add_user("carol");
  EXPECT_TRUE(refuses(messenger_->prefer(carol.id, chat_, {.pinned = true}), Code::not_found,
                      "conversation_id"));
  EXPECT_TRUE(refuses(messenger_->prefer(bob_.id, chat_, {.muted_until = Time::max()}),
                      Code::invalid_argument, "muted_until"));
}

MSG_FOR_EACH_BACKEND(PreferencesContract);

}  // namespace
}  // namespace msg::test
