// SPDX-License-Identifier: Apache-2.0
#include "contract.h"
#include "event_log.h"
#include "replica.h"

namespace msg::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ReactionsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
  ConversationId room_ = group(alice_, {bob_.id, carol_.id});
  MessageId id_ = send(alice_, room_, "news").id;

  Message react(const User& user, const std::string& emoji) {
    return must(messenger_->react(user.id, {id_, emoji}));
  }
  Message take_back(const User& user, const std::string& emoji) {
    return must(messenger_->remove_reaction(user.id, {id_, emoji}));
  }
  Message load(const User& user) { return must(messenger_->load_message(user.id, id_)); }
  static std::vector<std::string> texts(const Message& message) {
    std::vector<std::string> found;
    for (const auto& [emoji, count] : message.reactions) {
      found.push_back(emoji + " " + std::to_string(count));
    }
    return found;
  }
  std::vector<std::string> own(const User& user) {
    return load(user).own_reactions.value_or(std::vector<std::string>{"none at all"});
  }
};

TEST_P(ReactionsContract, AreCountedByKindInTheOrderOfTheFirst) {
  react(alice_, "👍");
  react(bob_, "❤️");
  advance(1s);
  const auto third = react(carol_, "👍");
  EXPECT_THAT(texts(third), ElementsAre("👍 2", "❤️ 1"));
  const auto seen = load(bob_);
  EXPECT_EQ(seen.reactions, third.reactions);
  EXPECT_EQ(seen.changed, third.changed);
  EXPECT_EQ(seen.content, "news");
  EXPECT_FALSE(seen.edited_at);
  EXPECT_THAT(own(alice_), ElementsAre("👍"));
  EXPECT_THAT(own(bob_), ElementsAre("❤️"));
  EXPECT_THAT(take_back(alice_, "👍").reactions.size(), 2u);
  EXPECT_THAT(texts(take_back(carol_, "👍")), ElementsAre("❤️ 1"));
  EXPECT_THAT(own(alice_), IsEmpty());
  EXPECT_THAT(texts(take_back(bob_, "❤️")), IsEmpty());
  EXPECT_FALSE(load(bob_).own_reactions);
  EXPECT_THAT(must(messenger_->list_revisions(alice_.id, id_)), IsEmpty());
}

TEST_P(ReactionsContract, AgainChangesNothing) {
  const auto once = react(bob_, "👍");
  const auto cursor = must(messenger_->sync(alice_.id, {})).cursor;
  advance(1min);
  EXPECT_EQ(react(bob_, "👍"), once);
  EXPECT_EQ(take_back(bob_, "❤️"), once);
  EXPECT_EQ(take_back(carol_, "👍"), once);
  EXPECT_THAT(must(messenger_->sync(alice_.id, {.limit = 0, .cursor = cursor})).conversations,
              IsEmpty());
}

TEST_P(ReactionsContract, WhoAndWhenIsListedByPages) {
  const auto first = now();
  react(bob_, "👍");
  advance(1s);
  react(bob_, "❤️");
  react(carol_, "👍");
  react(alice_, "👍");
  take_back(alice_, "👍");
  PageRequest request{.limit = 1};
  std::vector<Reactor> all;
  for (bool more = true; more;) {
    auto page = must(messenger_->list_reactions(alice_.id, id_, request));
    for (auto& reactor : page.items) all.push_back(std::move(reactor));
    request.cursor = page.next;
    more = page.has_more;
  }
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].user, bob_.id);
  ASSERT_EQ(all[0].reactions.size(), 2u);
  EXPECT_EQ(all[0].reactions[0].emoji, "👍");
  EXPECT_EQ(all[0].reactions[0].at, first);
  EXPECT_EQ(all[0].reactions[1].at, now());
  EXPECT_EQ(all[1].user, carol_.id);
}

TEST_P(ReactionsContract, RefuseWhatIsNoEmojiAndTooMany) {
  const auto react_with = [&](const std::string& emoji) {
    return messenger_->react(bob_.id, {id_, emoji});
  };
  for (const std::string& bad :
       {std::string(), std::string("two words"), std::string("\n"), std::string("\xff"),
        std::string("a\0b", 3), std::string(65, 'x')}) {
    EXPECT_TRUE(refuses(react_with(bad), Code::invalid_argument, "emoji")) << bad;
  }
  EXPECT_TRUE(
      refuses(messenger_->remove_reaction(bob_.id, {id_, ""}), Code::invalid_argument, "emoji"));
  must(react_with(std::string(64, 'x')));
  for (int i = 1; i < 32; ++i) must(react_with("kind" + std::to_string(i)));
  EXPECT_TRUE(refuses(react_with("another"), Code::conflict));
  EXPECT_EQ(react(carol_, "kind7").reactions.size(), 32u) << "more of a kind that is there";
  take_back(bob_, "kind3");
  must(react_with("another"));
}

TEST_P(ReactionsContract, OnlyMembersReactToWhatTheyMayRead) {
  const auto dora = add_user("dora");
  const auto try_react = [&](const User& user, const MessageId& id) {
    return messenger_->react(user.id, {id, "👍"});
  };
  EXPECT_TRUE(refuses(try_react(dora, id_), Code::not_found, "conversation_id"));
  must(messenger_->add_member(alice_.id, room_, dora.id, Role::member));
  EXPECT_TRUE(refuses(try_react(dora, id_), Code::not_found, "message_id"));
  EXPECT_TRUE(refuses(messenger_->list_reactions(dora.id, id_, {}), Code::not_found, "message_id"));
  EXPECT_TRUE(refuses(try_react(bob_, {room_, Seq{99}}), Code::not_found, "message_id"));
  react(bob_, "👍");
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  EXPECT_TRUE(refuses(try_react(bob_, id_), Code::permission_denied));
  EXPECT_TRUE(refuses(messenger_->remove_reaction(bob_.id, {id_, "👍"}), Code::permission_denied));
}

TEST_P(ReactionsContract, GoWithADeletedMessage) {
  react(bob_, "👍");
  must(messenger_->delete_for_everyone(alice_.id, id_));
  EXPECT_THAT(load(bob_).reactions, IsEmpty());
  EXPECT_FALSE(load(bob_).own_reactions);
  EXPECT_THAT(must(messenger_->list_reactions(bob_.id, id_, {})).items, IsEmpty());
  EXPECT_TRUE(refuses(messenger_->react(bob_.id, {id_, "👍"}), Code::conflict));
  EXPECT_TRUE(refuses(messenger_->remove_reaction(bob_.id, {id_, "👍"}), Code::conflict));
}

TEST_P(ReactionsContract, StayWhenTheMessageIsEdited) {
  react(bob_, "👍");
  const auto edited = must(messenger_->edit(alice_.id, {id_, "other news"}));
  EXPECT_THAT(texts(edited), ElementsAre("👍 1"));
  react(carol_, "👍");
  EXPECT_EQ(load(bob_).content, "other news");
  EXPECT_EQ(load(bob_).edited_at, edited.edited_at);
}

TEST_P(ReactionsContract, AreAnEventThatSaysWhoDidWhat) {
  EventLog bobs(*messenger_, bob_);
  react(carol_, "👍");
  react(carol_, "👍");
  take_back(carol_, "👍");
  const auto events = bobs.all<MessageChangeEvent>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_THAT(texts(events[0].message), ElementsAre("👍 1"));
  EXPECT_FALSE(events[0].message.own_reactions);
  ASSERT_TRUE(events[0].reaction && events[1].reaction);
  EXPECT_EQ(events[0].reaction->user, carol_.id);
  EXPECT_EQ(events[0].reaction->emoji, "👍");
  EXPECT_FALSE(events[0].reaction->removed);
  EXPECT_TRUE(events[1].reaction->removed);
  EXPECT_THAT(events[1].message.reactions, IsEmpty());
}

TEST_P(ReactionsContract, ComeWithSyncAndHistory) {
  const auto cursor = must(messenger_->sync(bob_.id, {})).cursor;
  react(bob_, "👍");
  react(carol_, "👍");
  const auto page = must(messenger_->sync(bob_.id, {.limit = 0, .cursor = cursor}));
  ASSERT_EQ(page.conversations.size(), 1u);
  ASSERT_EQ(page.conversations[0].messages.size(), 1u);
  EXPECT_THAT(texts(page.conversations[0].messages[0]), ElementsAre("👍 2"));
  EXPECT_THAT(page.conversations[0].messages[0].own_reactions,
              testing::Optional(ElementsAre("👍")));
  const auto history = must(messenger_->history(alice_.id, {.conversation = room_}));
  EXPECT_THAT(texts(history.items[0]), ElementsAre("👍 2"));
  EXPECT_THAT(history.items[0].own_reactions, testing::Optional(IsEmpty()));
  EXPECT_EQ(unread(bob_, room_), 1) << "a reaction is no message";
}

TEST_P(ReactionsContract, OfLaterAreNotToldToWhoLeft) {
  react(carol_, "👍");
  must(messenger_->remove_member(alice_.id, room_, bob_.id));
  EXPECT_THAT(texts(load(bob_)), ElementsAre("👍 1"));
  react(carol_, "❤️");
  EXPECT_THAT(load(bob_).reactions, IsEmpty()) << "what they were is not known any more";
  EXPECT_FALSE(load(bob_).changed);
  const auto known = must(messenger_->list_reactions(bob_.id, id_, {}));
  ASSERT_EQ(known.items.size(), 1u);
  EXPECT_EQ(known.items[0].reactions.size(), 1u);
  EXPECT_EQ(must(messenger_->history(bob_.id, {.conversation = room_})).items[0].content, "news");
}

MSG_FOR_EACH_BACKEND(ReactionsContract);

class DurableReactionsContract : public ReactionsContract {};

TEST_P(DurableReactionsContract, SurviveReopening) {
  react(bob_, "👍");
  react(carol_, "👍");
  reopen();
  EXPECT_THAT(texts(load(bob_)), ElementsAre("👍 2"));
  EXPECT_THAT(own(bob_), ElementsAre("👍"));
  EXPECT_THAT(texts(react(bob_, "👍")), ElementsAre("👍 2"));
  EXPECT_THAT(texts(take_back(carol_, "👍")), ElementsAre("👍 1"));
}

MSG_FOR_EACH_DURABLE_BACKEND(DurableReactionsContract);

}  // namespace
}  // namespace msg::test
