// SPDX-License-Identifier: Apache-2.0
// What a user has not seen yet: unread messages, mentions, news of groups, alerts.
#include "msg/notifications.h"

#include <algorithm>

#include "contract.h"
#include "msg/administration.h"

namespace msg::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NotificationsContract : public Contract {
 protected:
  Administration administration() { return {*messenger_, {}}; }
  Notifications notifications() { return Notifications(*messenger_); }

  std::vector<Notification> all(const User& user, int limit = 3) {
    std::vector<Notification> found;
    PageRequest request{.limit = limit, .cursor = {}};
    while (true) {
      auto page = must(notifications().list(user.id, request));
      std::ranges::move(page.items, std::back_inserter(found));
      if (!page.has_more) return found;
      request.cursor = page.next;
    }
  }
  std::vector<std::string> kinds(const User& user) {
    std::vector<std::string> kinds;
    for (const auto& one : all(user)) kinds.emplace_back(to_string(one.kind));
    return kinds;
  }
  std::vector<std::string> ids(const User& user) {
    std::vector<std::string> ids;
    for (const auto& one : all(user)) ids.push_back(one.id);
    return ids;
  }
  void mention(const User& sender, ConversationId conversation, const User& user) {
    must(messenger_->send({.conversation = conversation,
                           .sender = sender.id,
                           .content = "hey",
                           .mentions = {user.id}}));
  }

  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
};

TEST_P(NotificationsContract, UnreadMessagesUntilTheyAreRead) {
  EXPECT_THAT(all(bob_), IsEmpty());
  const auto chat = direct(alice_, bob_);
  send(alice_, chat, "1");
  send(alice_, chat, "2");
  const auto found = all(bob_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, NotificationKind::message);
  EXPECT_EQ(found[0].conversation, chat);
  EXPECT_EQ(found[0].count, 2);
  EXPECT_EQ(found[0].last_message->content, "2");
  EXPECT_THAT(all(alice_), IsEmpty());

  send(alice_, chat, "3");  // after what was told
  must(notifications().mark_read(bob_.id, std::array{found[0].id}));
  EXPECT_EQ(unread(bob_, chat), 1);
  ASSERT_EQ(all(bob_).size(), 1U);
  must(notifications().mark_read(bob_.id, ids(bob_)));
  EXPECT_THAT(all(bob_), IsEmpty());
}

TEST_P(NotificationsContract, MentionsAreToldOfBeside) {
  const auto room = group(alice_, {bob_.id});
  must(notifications().mark_all_read(bob_.id));
  send(alice_, room, "for nobody");
  mention(alice_, room, bob_);
  const auto found = all(bob_);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, NotificationKind::mention);
  EXPECT_EQ(found[0].count, 1);
  EXPECT_EQ(found[1].kind, NotificationKind::message);
  EXPECT_EQ(found[1].count, 2);
}

TEST_P(NotificationsContract, NewsOfGroupsAreOfTheLatest) {
  const auto room = group(alice_, {bob_.id});
  auto found = all(bob_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, NotificationKind::group);
  EXPECT_EQ(found[0].news, GroupNews::added);
  EXPECT_EQ(found[0].by, alice_.id);
  EXPECT_EQ(found[0].role, Role::member);
  EXPECT_EQ(found[0].conversation, room);
  const auto first = found[0].id;

  advance(std::chrono::milliseconds(5));
  must(messenger_->change_role(alice_.id, room, bob_.id, Role::admin));
  must(notifications().mark_read(bob_.id, std::array{first}));
  found = all(bob_);
  ASSERT_EQ(found.size(), 1U) << "the first was replaced before it was marked";
  EXPECT_EQ(found[0].news, GroupNews::role_changed);
  EXPECT_EQ(found[0].role, Role::admin);

  advance(std::chrono::milliseconds(5));
  must(messenger_->remove_member(alice_.id, room, bob_.id));
  found = all(bob_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].news, GroupNews::removed);
  must(notifications().mark_read(bob_.id, ids(bob_)));
  EXPECT_THAT(all(bob_), IsEmpty());
}

TEST_P(NotificationsContract, WhatOneDoesOneselfIsNoNews) {
  const auto room = group(alice_, {bob_.id});
  must(notifications().mark_all_read(bob_.id));
  must(messenger_->remove_member(bob_.id, room, bob_.id));
  EXPECT_THAT(all(bob_), IsEmpty());
  EXPECT_THAT(all(alice_), IsEmpty());
}

TEST_P(NotificationsContract, NewsExpire) {
  group(alice_, {bob_.id});
  advance(Notifications::kNewsLifetime);
  EXPECT_THAT(all(bob_), IsEmpty());
}

TEST_P(NotificationsContract, AlertsComeFirstAndOldestFirst) {
  const auto chat = direct(alice_, bob_);
  send(alice_, chat, "1");
  group(alice_, {bob_.id});
  must(administration().alert(std::array{bob_.id, alice_.id, bob_.id}, "maintenance at noon"));
  advance(std::chrono::milliseconds(5));
  must(administration().alert(std::array{bob_.id}, "it is over", std::chrono::hours(1)));
  EXPECT_THAT(kinds(bob_), ElementsAre("alert", "alert", "group", "message"));
  EXPECT_EQ(all(bob_)[0].text, "maintenance at noon");
  EXPECT_THAT(kinds(alice_), ElementsAre("alert"));
  advance(std::chrono::hours(1));
  EXPECT_THAT(kinds(bob_), ElementsAre("alert", "group", "message"));
  must(notifications().mark_all_read(bob_.id));
  EXPECT_THAT(all(bob_), IsEmpty());
  EXPECT_THAT(kinds(alice_), ElementsAre("alert"));
}

TEST_P(NotificationsContract, OnlyTheLatestAlertsAreKept) {
  const auto max = static_cast<int>(Notifications::kAlertsMax);
  for (int i = 0; i < max + 3; ++i) {
    must(administration().alert(std::array{bob_.id}, std::to_string(i)));
  }
  const auto found = all(bob_, 50);
  ASSERT_EQ(found.size(), Notifications::kAlertsMax);
  EXPECT_EQ(found.front().text, "3");
  EXPECT_EQ(found.back().text, std::to_string(max + 2));
}

TEST_P(NotificationsContract, AnAlertIsForAllOfItsUsersOrNone) {
  EXPECT_TRUE(refuses(administration().alert(std::array{bob_.id, UserId{5}}, "x"), Code::not_found,
                      "user_ids"));
  EXPECT_TRUE(refuses(administration().alert({}, "x"), Code::invalid_argument, "user_ids"));
  const std::vector<UserId> many(Notifications::kAlertUsersMax + 1, bob_.id);
  EXPECT_TRUE(refuses(administration().alert(many, "x"), Code::invalid_argument, "user_ids"));
  const std::array bob{bob_.id};
  EXPECT_TRUE(refuses(administration().alert(bob, ""), Code::invalid_argument, "text"));
  EXPECT_TRUE(refuses(administration().alert(bob, "\xff"), Code::invalid_argument, "text"));
  const std::string longest(Notifications::kAlertCharactersMax, 'x');
  EXPECT_TRUE(refuses(administration().alert(bob, longest + 'x'), Code::invalid_argument, "text"));
  EXPECT_TRUE(refuses(administration().alert(bob, "x", std::chrono::seconds(0)),
                      Code::invalid_argument, "lifetime"));
  EXPECT_TRUE(refuses(administration().alert(bob, "x", std::chrono::days(367)),
                      Code::invalid_argument, "lifetime"));
  EXPECT_THAT(all(bob_), IsEmpty());
  EXPECT_THAT(must(administration().list_audit({})).items, IsEmpty());
  must(administration().alert(bob, longest));
  EXPECT_EQ(must(administration().list_audit({})).items.at(0).act, AdminAct::alert_sent);
  EXPECT_EQ(all(bob_).at(0).text, longest);
}

TEST_P(NotificationsContract, PagesOfAnySizeTellTheSame) {
  for (int i = 0; i < 5; ++i) {
    must(administration().alert(std::array{bob_.id}, std::to_string(i)));
    const auto room = group(alice_, {bob_.id});
    mention(alice_, room, bob_);
  }
  const auto expected = ids(bob_);
  EXPECT_EQ(expected.size(), 20U);
  for (const int limit : {1, 2, 5, 7, 200}) {
    std::vector<std::string> found;
    for (const auto& one : all(bob_, limit)) found.push_back(one.id);
    EXPECT_EQ(found, expected) << "by " << limit;
  }
}

TEST_P(NotificationsContract, RefusesWhatIsNoIdAndForeignCursors) {
  for (const char* id : {"", "message", "message-1", "message-1-", "message-x-1", "other-1-1",
                         "alert-1-1-1", "message--1-1", "message-99999999999999999999-1"}) {
    EXPECT_TRUE(refuses(notifications().mark_read(bob_.id, std::array{std::string(id)}),
                        Code::invalid_argument, "ids"))
        << id;
  }
  const std::vector<std::string> many(Notifications::kMarkedMax + 1, "alert-1-1");
  EXPECT_TRUE(refuses(notifications().mark_read(bob_.id, many), Code::invalid_argument, "ids"));
  // Of somebody else's: nothing happens.
  const auto chat = direct(alice_, add_user("carol"));
  send(alice_, chat, "1");
  must(notifications().mark_read(bob_.id,
                                 std::array{"message-" + std::to_string(to_int(chat)) + "-1",
                                            std::string("alert-5-5"), std::string("group-5-5")}));
  must(administration().alert(std::array{alice_.id}, "x"));
  const auto cursor = must(notifications().list(alice_.id, {.limit = 1, .cursor = {}})).next;
  EXPECT_TRUE(refuses(notifications().list(bob_.id, {.limit = 1, .cursor = cursor}),
                      Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(notifications().list(alice_.id, {.limit = 1, .cursor = "x"}),
                      Code::invalid_argument, "cursor"));
  EXPECT_TRUE(refuses(notifications().list(alice_.id, {.limit = 1000, .cursor = {}}),
                      Code::invalid_argument, "limit"));
}

MSG_FOR_EACH_BACKEND(NotificationsContract);

}  // namespace
}  // namespace msg::test
