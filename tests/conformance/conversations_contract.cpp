// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <thread>

#include "contract.h"
#include "msg/moderation.h"

namespace msg::test {
namespace {

class ConversationsContract : public Contract {
 protected:
  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  User carol_ = add_user("carol");
};

TEST_P(ConversationsContract, TwoUsersHaveOneDirectConversationHoweverOftenItIsOpened) {
  const auto first = must(messenger_->open_direct(alice_.id, bob_.id));
  const auto again = must(messenger_->open_direct(bob_.id, alice_.id));
  EXPECT_EQ(first.id, again.id);
  EXPECT_EQ(first.kind, ConversationKind::direct);
  EXPECT_THAT(first.direct_users, testing::UnorderedElementsAre(alice_.id, bob_.id));
  EXPECT_EQ(first.member_count, 2);
  EXPECT_NE(direct(alice_, carol_), first.id);
}

TEST_P(ConversationsContract, TwoHundredRacersGetOneDirectConversation) {
  std::vector<std::thread> racers;
  std::vector<Result<Conversation>> results(200);
  for (std::size_t i = 0; i < results.size(); ++i) {
    racers.emplace_back([&, i] {
      results[i] = i % 2 == 0 ? messenger_->open_direct(alice_.id, bob_.id)
                              : messenger_->open_direct(bob_.id, alice_.id);
    });
  }
  for (auto& racer : racers) racer.join();
  std::set<ConversationId> ids;
  for (auto& result : results) ids.insert(must(std::move(result)).id);
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(must(messenger_->list_conversations(alice_.id, {})).items.size(), 1u);
}

TEST_P(ConversationsContract, AUserMayTalkToItself) {
  const auto notes = must(messenger_->open_direct(alice_.id, alice_.id));
  EXPECT_EQ(notes.member_count, 1);
  EXPECT_EQ(must(messenger_->open_direct(alice_.id, alice_.id)).id, notes.id);
  EXPECT_EQ(send(alice_, notes.id, "buy milk").id.seq, Seq{1});
  EXPECT_EQ(unread(alice_, notes.id), 0);
}

TEST_P(ConversationsContract, NeedsUsersThatExist) {
  EXPECT_TRUE(refuses(messenger_->open_direct(alice_.id, UserId{5}), Code::not_found, "user_id"));
  EXPECT_TRUE(refuses(messenger_->create_group(alice_.id, {.title = "x", .users = {UserId{5}}}),
                      Code::not_found, "user_id"));
  EXPECT_TRUE(refuses(messenger_->create_group(alice_.id, {.title = "", .users = {}}),
                      Code::invalid_argument, "title"));
  EXPECT_TRUE(must(messenger_->list_conversations(alice_.id, {})).items.empty());
}

TEST_P(ConversationsContract, ByPhoneWhoIsNotToBeFoundLooksLikeNobody) {
  const auto opened = must(messenger_->open_direct_by_phone(alice_.id, bob_.phone));
  EXPECT_EQ(opened.id, direct(alice_, bob_));
  EXPECT_EQ(must(messenger_->open_direct_by_phone(bob_.id, "001 (415) 555-0100")).id, opened.id);
  EXPECT_TRUE(
      refuses(messenger_->open_direct_by_phone(alice_.id, "555"), Code::invalid_argument, "phone"));
  Moderation moderation(*messenger_);
  must(moderation.block(bob_.id, alice_.id));
  must(moderation.block(carol_.id, alice_.id));
  const auto nobody = messenger_->open_direct_by_phone(alice_.id, "+14155559999");
  ASSERT_TRUE(refuses(nobody, Code::not_found, "phone"));
  for (const User& user : {bob_, carol_}) {  // with a conversation, and without
    const auto blocked = messenger_->open_direct_by_phone(alice_.id, user.phone);
    ASSERT_TRUE(refuses(blocked, Code::not_found, "phone"));
    EXPECT_EQ(blocked.error().detail, nobody.error().detail);
  }
  EXPECT_TRUE(refuses(messenger_->open_direct_by_phone(carol_.id, alice_.phone), Code::not_found));
}

TEST_P(ConversationsContract, StrangersLearnNothing) {
  const auto id = direct(alice_, bob_);
  send(alice_, id, "secret");
  EXPECT_TRUE(refuses(messenger_->load_conversation(carol_.id, id), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->history(carol_.id, {.conversation = id}), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->list_members(carol_.id, id, {}), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->load_message(carol_.id, {id, Seq{1}}), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->message_status(carol_.id, {id, Seq{1}}), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->typing(carol_.id, id), Code::not_found));
  EXPECT_TRUE(
      refuses(messenger_->mark(carol_.id, {id, MessageState::read, Seq{1}}), Code::not_found));
  EXPECT_TRUE(refuses(messenger_->send({.conversation = id, .sender = carol_.id, .content = "x"}),
                      Code::not_found));
  // The same answer as for one that does not exist.
  EXPECT_EQ(messenger_->load_conversation(carol_.id, id).error().detail,
            messenger_->load_conversation(carol_.id, ConversationId{99}).error().detail);
}

TEST_P(ConversationsContract, ListHasLatestActivityFirstWithLastMessageAndUnread) {
  std::vector<ConversationId> ids;
  for (int i = 0; i < 5; ++i) {
    const User peer = add_user("peer" + std::to_string(i));
    ids.push_back(direct(alice_, peer));
    advance(std::chrono::seconds(1));
    send(peer, ids.back(), "from " + std::to_string(i));
  }
  advance(std::chrono::seconds(1));
  send(alice_, ids[0], "newest");
  std::vector<ConversationId> seen;
  PageRequest request{.limit = 2, .cursor = {}};
  while (true) {
    const auto page = must(messenger_->list_conversations(alice_.id, request));
    for (const auto& view : page.items) {
      seen.push_back(view.conversation.id);
      ASSERT_TRUE(view.last_message);
      EXPECT_EQ(view.unread_count, 1);
    }
    if (!page.has_more) break;
    request.cursor = page.next;
  }
  EXPECT_EQ(seen, (std::vector{ids[0], ids[4], ids[3], ids[2], ids[1]}));
}

TEST_P(ConversationsContract, AListOfLargeLastMessagesEndsEarlyAndLeavesNothingOut) {
  const User reader = add_user("reader");
  for (int i = 0; i < 25; ++i) {
    const User peer = add_user("peer" + std::to_string(i));
    send(peer, direct(peer, reader), std::string(60'000, 'x'));
  }
  auto page = must(messenger_->list_conversations(reader.id, {.limit = 200, .cursor = {}}));
  EXPECT_EQ(page.items.size(), 17U);
  EXPECT_TRUE(page.has_more);
  page = must(messenger_->list_conversations(reader.id, {.limit = 200, .cursor = page.next}));
  EXPECT_EQ(page.items.size(), 8U);
  EXPECT_FALSE(page.has_more);
}

/// More than are read at once; some have no message, or none that the reader may see.
TEST_P(ConversationsContract, EachOfAPageHasItsOwnLastMessage) {
  const User owner = add_user("owner");
  const User reader = add_user("reader");
  std::map<ConversationId, std::string> last;
  for (int i = 0; i < 100; ++i) {
    const bool joins_late = i % 7 == 3;
    const auto chat = group(owner, joins_late ? std::vector<UserId>{} : std::vector{reader.id});
    const std::string content = i % 5 == 0 ? "" : "message " + std::to_string(i);
    if (!content.empty()) send(owner, chat, content);
    if (joins_late) must(messenger_->add_member(owner.id, chat, reader.id, Role::member));
    last[chat] = joins_late ? "" : content;
  }
  const auto expect_all = [&](const std::vector<ConversationView>& views) {
    ASSERT_EQ(views.size(), last.size());
    std::set<ConversationId> seen;
    for (const auto& view : views) {
      EXPECT_TRUE(seen.insert(view.conversation.id).second);
      EXPECT_EQ(view.last_message ? view.last_message->content : "", last.at(view.conversation.id));
    }
  };
  expect_all(must(messenger_->list_conversations(reader.id, {.limit = 200, .cursor = {}})).items);
  std::vector<ConversationView> synced;
  for (auto& delta : must(messenger_->sync(reader.id, {.limit = 200})).conversations) {
    synced.push_back(std::move(delta.view));
  }
  expect_all(synced);
}

TEST_P(ConversationsContract, RefusesCursorsThatAreNotItsOwn) {
  direct(alice_, bob_);
  const auto page = must(messenger_->list_conversations(alice_.id, {.limit = 1, .cursor = {}}));
  EXPECT_TRUE(refuses(messenger_->list_conversations(bob_.id, {.limit = 1, .cursor = page.next}),
                      Code::invalid_argument, "cursor"));
  std::string forged = page.next;
  forged[5] = forged[5] == 'A' ? 'B' : 'A';
  for (const std::string& cursor : {forged, std::string("x"), std::string(5000, 'A')}) {
    EXPECT_TRUE(refuses(messenger_->list_conversations(alice_.id, {.limit = 1, .cursor = cursor}),
                        Code::invalid_argument, "cursor"));
  }
}

TEST_P(ConversationsContract, RefusesPageSizesOutOfRange) {
  for (const int limit : {-1, 201}) {
    EXPECT_TRUE(refuses(messenger_->list_conversations(alice_.id, {.limit = limit, .cursor = {}}),
                        Code::invalid_argument, "limit"));
  }
}

MSG_FOR_EACH_BACKEND(ConversationsContract);

}  // namespace
}  // namespace msg::test
