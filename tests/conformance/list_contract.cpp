// SPDX-License-Identifier: Apache-2.0
// Conversation lists that are kept in memory say what the store says, whatever happens meanwhile.
#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "contract.h"

namespace msg::test {
namespace {

class ListContract : public Contract {
 protected:
  static constexpr int kRooms = 12;

  ListContract() {
    options_.list_cache_from = 2;
    reopen();
    alice_ = add_user("alice");
    bob_ = add_user("bob");
    for (int i = 0; i < kRooms; ++i) make_room();
  }

  /// Of alice and bob, with a message.
  ConversationId make_room() {
    rooms_.push_back(group(alice_, {bob_.id}));
    advance(std::chrono::milliseconds(1));
    send(alice_, rooms_.back(), "first");
    return rooms_.back();
  }
  /// Now it is the first of the list.
  void touch(ConversationId room) {
    advance(std::chrono::milliseconds(1));
    send(bob_, room, "news");
    std::erase(rooms_, room);
    rooms_.push_back(room);
  }

  static std::vector<ConversationView> list(Messenger& messenger, UserId user, int limit) {
    std::vector<ConversationView> all;
    PageRequest request{.limit = limit, .cursor = {}};
    while (true) {
      auto page = must(messenger.list_conversations(user, request));
      std::ranges::move(page.items, std::back_inserter(all));
      if (!page.has_more) return all;
      request.cursor = page.next;
    }
  }
  static std::vector<ConversationId> ids(const std::vector<ConversationView>& views) {
    std::vector<ConversationId> ids;
    ids.reserve(views.size());
    for (const auto& view : views) ids.push_back(view.conversation.id);
    return ids;
  }
  /// What alice sees, by pages of any size; the latest of `rooms_` is its last.
  void expect_listed(Messenger& messenger) {
    std::vector<ConversationId> wanted(rooms_.rbegin(), rooms_.rend());
    for (const int limit : {1, 5, 200}) {
      EXPECT_EQ(ids(list(messenger, alice_.id, limit)), wanted) << "by " << limit;
    }
  }
  void expect_listed() { expect_listed(*messenger_); }

  User alice_;
  User bob_;
  std::vector<ConversationId> rooms_;
};

TEST_P(ListContract, FollowsMessagesOfAnybody) {
  expect_listed();
  for (const std::size_t place : {0u, 5u, 11u, 3u}) {
    touch(rooms_[place]);
    expect_listed();
  }
  send(alice_, rooms_.back(), "again");
  expect_listed();
}

TEST_P(ListContract, FollowsWhoComesAndGoes) {
  expect_listed();
  make_room();
  expect_listed();
  rooms_.push_back(direct(bob_, alice_));
  expect_listed();

  const auto left = rooms_[4];
  must(messenger_->change_role(alice_.id, left, bob_.id, Role::owner));
  must(messenger_->remove_member(alice_.id, left, alice_.id));
  std::erase(rooms_, left);
  expect_listed();
  send(bob_, left, "she is gone");
  expect_listed();
}

TEST_P(ListContract, WhoIsTakenInAgainFindsTheConversationWhereItsActivityIs) {
  const auto room = group(bob_, {alice_.id});
  rooms_.push_back(room);
  touch(rooms_[2]);
  expect_listed();
  must(messenger_->remove_member(bob_.id, room, alice_.id));
  const auto place = std::ranges::find(rooms_, room);
  const auto index = place - rooms_.begin();
  rooms_.erase(place);
  expect_listed();
  must(messenger_->add_member(bob_.id, room, alice_.id, Role::member));
  rooms_.insert(rooms_.begin() + index, room);
  expect_listed();
  touch(room);
  expect_listed();
}

TEST_P(ListContract, WhatIsNoActivityMovesNothing) {
  expect_listed();
  read(alice_, rooms_[3], 1);
  delivered(alice_, rooms_[1], 1);
  must(messenger_->edit(alice_.id, {{rooms_[2], Seq{1}}, "edited"}));
  must(messenger_->rename_group(alice_.id, rooms_[5], "New"));
  expect_listed();
  const auto views = list(*messenger_, alice_.id, 5);
  EXPECT_EQ(views[views.size() - 6].conversation.title, "New");
  EXPECT_EQ(views[views.size() - 3].last_message->content, "edited");
}

TEST_P(ListContract, EachUserHasTheirOwn) {
  const auto carol = add_user("carol");
  const auto shared = group(bob_, {alice_.id, carol.id});
  const auto own = direct(carol, bob_);
  rooms_.push_back(shared);
  expect_listed();
  EXPECT_EQ(ids(list(*messenger_, carol.id, 1)), (std::vector{own, shared}));
  touch(shared);
  EXPECT_EQ(ids(list(*messenger_, carol.id, 1)), (std::vector{shared, own}));
  expect_listed();
}

TEST_P(ListContract, HasTheSameAnswersWhereNoListFits) {
  for (const std::size_t max : {0u, 5u, 13u}) {
    options_.list_cache_max = max;
    if (!GetParam().durable) break;
    reopen();
    expect_listed();
    EXPECT_EQ(list(*messenger_, bob_.id, 4).size(), rooms_.size());
    touch(rooms_[1]);
    expect_listed();
    make_room();
    make_room();
    expect_listed();
  }
}

/// Half of the rooms move all the time. The others are found once each, in their order, by
/// everybody who goes through the list; each page is of one moment; what was acknowledged is first.
TEST_P(ListContract, PagesNeitherSkipNorDoubleWhatStandsStillWhileOthersMove) {
  const auto carol = add_user("carol");
  options_.list_cache_max = 3 * kRooms;
  std::vector<ConversationId> still(rooms_.begin(), rooms_.begin() + kRooms / 2);
  std::ranges::reverse(still);
  const std::vector<ConversationId> moving(rooms_.begin() + kRooms / 2, rooms_.end());
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    // Several at once, so that a page that takes one moment for another is not right by chance.
    auto order = moving;
    std::minstd_rand dice(7);
    while (!is_over) {
      std::ranges::shuffle(order, dice);
      std::vector<Draft> drafts;
      drafts.reserve(order.size());
      for (const ConversationId room : order) {
        drafts.push_back({.conversation = room, .sender = bob_.id, .content = "news"});
      }
      for (auto& sent : messenger_->send_many(drafts)) must(std::move(sent));
      const auto top = must(messenger_->list_conversations(alice_.id, {.limit = 1}));
      EXPECT_EQ(top.items.at(0).conversation.id, order.back());
    }
  });
  threads.emplace_back([&] {  // comes and goes, and makes the list be read anew
    while (!is_over) {
      const auto room = group(carol, {bob_.id});
      EXPECT_EQ(ids(list(*messenger_, carol.id, 50)).front(), room);
      must(messenger_->change_role(carol.id, room, bob_.id, Role::owner));
      must(messenger_->remove_member(carol.id, room, carol.id));
    }
  });
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&, reader] {
      for (int round = 0; round < 60; ++round) {
        std::vector<ConversationId> seen;
        PageRequest request{.limit = 2 + reader, .cursor = {}};
        for (bool more = true; more;) {
          const auto page = must(messenger_->list_conversations(alice_.id, request));
          for (std::size_t i = 0; i < page.items.size(); ++i) {
            const auto& view = page.items[i];
            if (i > 0) {
              EXPECT_LT(view.last_message->version, page.items[i - 1].last_message->version);
            }
            const auto id = view.conversation.id;
            if (std::ranges::find(still, id) != still.end()) seen.push_back(id);
          }
          more = page.has_more;
          request.cursor = page.next;
        }
        EXPECT_EQ(seen, still);
      }
    });
  }
  for (std::size_t i = 2; i < threads.size(); ++i) threads[i].join();
  is_over = true;
  threads[0].join();
  threads[1].join();
}

MSG_FOR_EACH_BACKEND(ListContract);

/// Two processes on one store.
class SharedListContract : public ListContract {
 protected:
  std::unique_ptr<Messenger> open_second() {
    Options options = options_;
    options.node = 1;
    return must(open(GetParam().url(directory_), options));
  }
};

TEST_P(SharedListContract, FollowsWhatAnotherProcessWrites) {
  const auto second = open_second();
  expect_listed();
  expect_listed(*second);
  for (const std::size_t place : {0u, 5u, 11u}) {
    const auto room = rooms_[place];
    advance(std::chrono::milliseconds(1));
    must(second->send({.conversation = room, .sender = bob_.id, .content = "from there"}));
    std::erase(rooms_, room);
    rooms_.push_back(room);
    expect_listed();
    touch(rooms_[place]);
    expect_listed(*second);
    expect_listed();
  }
  rooms_.push_back(must(second->create_group(bob_.id, {.title = "x", .users = {alice_.id}})).id);
  expect_listed();
  must(second->remove_member(bob_.id, rooms_.back(), alice_.id));
  rooms_.pop_back();
  expect_listed();
  expect_listed(*second);
  must(messenger_->change_role(alice_.id, rooms_[2], bob_.id, Role::owner));
  must(messenger_->remove_member(alice_.id, rooms_[2], alice_.id));
  rooms_.erase(rooms_.begin() + 2);
  expect_listed(*second);
}

/// Too much of it to hear of one by one.
TEST_P(SharedListContract, FollowsWhatAnotherProcessWroteLongAgo) {
  const auto second = open_second();
  expect_listed();
  const auto room = rooms_[3];
  advance(std::chrono::milliseconds(1));
  for (int i = 0; i < 300; ++i) {
    must(second->send(
        {.conversation = i == 0 ? room : rooms_[7], .sender = bob_.id, .content = "from there"}));
  }
  for (const auto moved : {room, rooms_[7]}) {
    std::erase(rooms_, moved);
    rooms_.push_back(moved);
  }
  expect_listed();
  touch(rooms_[1]);
  expect_listed();
}

/// Who starts anew throws away what it has noted for others.
TEST_P(SharedListContract, FollowsAnotherProcessThatWasStartedAnewMeanwhile) {
  auto second = open_second();
  expect_listed();
  for (const std::size_t place : {3u, 7u}) {
    const auto room = rooms_[place];
    advance(std::chrono::milliseconds(1));
    must(second->send({.conversation = room, .sender = bob_.id, .content = "from there"}));
    std::erase(rooms_, room);
    rooms_.push_back(room);
    second.reset();
    second = open_second();
  }
  must(second->send({.conversation = rooms_.back(), .sender = bob_.id, .content = "again"}));
  expect_listed();
}

TEST_P(SharedListContract, FollowsTwoProcessesThatWriteAtOnce) {
  const auto second = open_second();
  std::vector<std::thread> threads;
  for (Messenger* const writer : {messenger_.get(), second.get()}) {
    Messenger* const other = writer == second.get() ? messenger_.get() : second.get();
    threads.emplace_back([&, writer, other] {
      // Each has rooms of its own: among them the one that it just wrote to comes first.
      std::vector<ConversationId> own;
      for (std::size_t i = writer == second.get() ? 1 : 0; i < kRooms; i += 2) {
        own.push_back(rooms_[i]);
      }
      const auto is_own = [&](const ConversationView& view) {
        return std::ranges::find(own, view.conversation.id) != own.end();
      };
      for (std::size_t i = 0; i < 150; ++i) {
        const auto room = own[i * 5 % own.size()];
        advance(std::chrono::milliseconds(1));
        const auto sent =
            must(writer->send({.conversation = room, .sender = bob_.id, .content = "x"}));
        for (Messenger* const reader : {other, writer}) {
          const auto page = must(reader->list_conversations(alice_.id, {.limit = kRooms}));
          ASSERT_EQ(page.items.size(), kRooms);
          const auto first = std::ranges::find_if(page.items, is_own);
          ASSERT_NE(first, page.items.end());
          EXPECT_EQ(first->conversation.id, room);
          EXPECT_EQ(first->last_message->id, sent.id);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ids(list(*messenger_, alice_.id, 5)), ids(list(*second, alice_.id, 7)));
}

MSG_FOR_EACH_SHARED_BACKEND(SharedListContract);

}  // namespace
}  // namespace msg::test
