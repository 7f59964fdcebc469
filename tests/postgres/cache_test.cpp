// SPDX-License-Identifier: Apache-2.0
// What a cache is to several processes on one store: fewer questions, the same answers.
#include <thread>

#include "msg/cache.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresCache : public Postgres {
 protected:
  void SetUp() override {
    Postgres::SetUp();
    if (IsSkipped()) return;
    cache_ = must(open_cache("memory:" + place_));
    node_ = open_cached(1);
    alice_ = add_user(*node_, "alice").id;
    bob_ = add_user(*node_, "bob").id;
    carol_ = add_user(*node_, "carol").id;
    NewGroup group;
    group.title = "all";
    group.users = {bob_, carol_};
    group_ = must(node_->create_group(alice_, group)).id;
  }

  std::unique_ptr<Messenger> open_cached(int node) {
    Options options;
    options.node = node;
    options.readers = kReaders;
    options.follow_interval = std::chrono::hours(1);
    options.cache = cache_;
    return must(open(url_, options));
  }

  std::vector<std::string> texts(Messenger& messenger, UserId reader) {
    HistoryRequest request;
    request.conversation = group_;
    std::vector<std::string> texts;
    const auto page = messenger.history(reader, request);
    if (!page) return {std::string(to_string(page.error().code))};
    for (const auto& message : page->items) texts.push_back(message.content);
    return texts;
  }
  void make_hot(Messenger& messenger) {
    for (int i = 0; i < 3; ++i) texts(messenger, alice_);
  }
  std::uint64_t loads() const { return cache_->use().loads; }
  std::uint64_t hits() const { return cache_->use().hits; }

  static constexpr int kReaders = 24;
  std::shared_ptr<Cache> cache_;
  std::unique_ptr<Messenger> node_;
  UserId alice_{};
  UserId bob_{};
  UserId carol_{};
  ConversationId group_{};
};

/// Nobody else looks for the messages: they are locked until all others wait.
TEST_F(PostgresCache, ManyWhoOpenAGroupAtOnceCostOneLoad) {
  for (int i = 0; i < 60; ++i) send(*node_, bob_, group_, std::to_string(i));
  const auto wanted = texts(*open_node(2), alice_);
  ASSERT_EQ(wanted.size(), 50U);
  ForeignSession lock(PostgresServer::shared().url());
  lock.query("SET search_path TO " + place_ + "; BEGIN");
  lock.query("LOCK TABLE message IN ACCESS EXCLUSIVE MODE");
  std::atomic<int> wrong{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] { wrong += texts(*node_, alice_) != wanted ? 1 : 0; });
    if (i == 0) wait_until("SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  while (cache_->use().waiting < kReaders - 1 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(cache_->use().waiting, kReaders - 1);
  lock.query("COMMIT");
  readers.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(loads(), 1U);
  EXPECT_EQ(cache_->use().shared, kReaders - 1U);
}

TEST_F(PostgresCache, OneNodeReadsWhatAnotherHasRead) {
  const auto other = open_cached(2);
  for (int i = 0; i < 5; ++i) send(*node_, bob_, group_, std::to_string(i));
  make_hot(*other);
  make_hot(*node_);
  const auto before = loads();
  const auto found = hits();
  EXPECT_EQ(texts(*node_, carol_), texts(*other, alice_));
  EXPECT_EQ(loads(), before);
  EXPECT_EQ(hits(), found + 2);
}

/// Each change at one node, seen at once at another whose pages are all in the cache.
TEST_F(PostgresCache, NothingOldIsShown) {
  const auto other = open_cached(2);
  const auto plain = open_node(3);
  const auto compare = [&](const std::string& what) {
    for (int i = 0; i < 2; ++i) {
      for (Messenger* const node : {node_.get(), other.get()}) {
        for (const UserId reader : {alice_, bob_, carol_}) {
          HistoryRequest request;
          request.conversation = group_;
          const auto page = must(node->history(reader, request));
          const auto wanted = must(plain->history(reader, request));
          EXPECT_EQ(page.items, wanted.items) << what;
          const auto members = node->list_members(reader, group_, {});
          const auto wanted_members = plain->list_members(reader, group_, {});
          ASSERT_EQ(members.has_value(), wanted_members.has_value()) << what;
          for (std::size_t m = 0; members && m < members->items.size(); ++m) {
            const Member& is = members->items[m];
            const Member& should = wanted_members->items.at(m);
            EXPECT_EQ(is.user, should.user) << what;
            EXPECT_EQ(is.role, should.role) << what;
            EXPECT_EQ(is.read, should.read) << what;
            EXPECT_EQ(is.read_at, should.read_at) << what;
            EXPECT_EQ(is.delivered, should.delivered) << what;
            EXPECT_EQ(is.version, should.version) << what;
          }
        }
      }
    }
  };
  std::vector<MessageId> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(send(*node_, alice_, group_, std::to_string(i), "k" + std::to_string(i)).id);
  compare("sent");
  must(other->edit(alice_, {.message = ids[1], .content = "edited"}));
  compare("edited");
  must(node_->react(bob_, {.message = ids[1], .emoji = "+"}));
  compare("reacted");
  must(other->mark(bob_, {.conversation = group_, .state = MessageState::read, .up_to = Seq{4}}));
  compare("read");
  UserPatch silent;
  silent.read_receipts = false;
  must(node_->update_user(carol_, silent));
  must(node_->mark(carol_, {.conversation = group_, .state = MessageState::read, .up_to = Seq{5}}));
  compare("read in silence");
  must(other->pin(alice_, ids[0]));
  compare("pinned");
  must(node_->delete_for_me(bob_, ids[2]));
  compare("deleted for one");
  must(other->delete_for_everyone(alice_, ids[3]));
  compare("deleted for all");
  must(node_->change_role(alice_, group_, bob_, Role::owner));
  compare("another role");
  must(other->remove_member(alice_, group_, carol_));
  send(*node_, alice_, group_, "behind her back");
  must(node_->edit(alice_, {.message = ids[4], .content = "edited behind her back"}));
  compare("removed");
  EXPECT_GT(hits(), 50U);
}

/// The rows are shared, who may read them is not.
TEST_F(PostgresCache, WhoMayReadIsAskedForEach) {
  const auto eve = add_user(*node_, "eve").id;
  send(*node_, alice_, group_, "one", "her key");
  must(node_->remove_member(alice_, group_, carol_));
  send(*node_, alice_, group_, "two");
  must(node_->add_member(alice_, group_, eve, Role::member));
  send(*node_, alice_, group_, "three");
  const auto mallory = add_user(*node_, "mallory").id;
  make_hot(*node_);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(texts(*node_, bob_), testing::Contains("one"));
    EXPECT_EQ(texts(*node_, mallory), std::vector<std::string>{"not_found"});
    EXPECT_THAT(texts(*node_, carol_), testing::Not(testing::Contains("two")));
    EXPECT_THAT(texts(*node_, eve), testing::Not(testing::Contains("two")));
    HistoryRequest request;
    request.conversation = group_;
    for (const auto& message : must(node_->history(bob_, request)).items) {
      EXPECT_EQ(message.client_id, "");
    }
  }
  EXPECT_GT(hits(), 0U);
}

/// The store is put back to what it was, and other messages get the numbers of those that are lost.
TEST_F(PostgresCache, WhatIsLostWithAStoreIsNotShownByAnother) {
  send(*node_, alice_, group_, "kept");
  ForeignSession store(PostgresServer::shared().url());
  store.query("SET search_path TO " + place_);
  for (const char* const table : {"conversation", "writer", "member", "list_change"}) {
    store.query(std::string("CREATE TABLE saved_") + table + " AS SELECT * FROM " + table);
  }
  const auto last = std::to_string(to_int(send(*node_, alice_, group_, "lost").id.seq));
  make_hot(*node_);
  ASSERT_EQ(texts(*node_, bob_).front(), "lost");
  store.query("BEGIN; DELETE FROM message WHERE seq >= " + last + "; DELETE FROM idempotency");
  for (const char* const name : {"conversation", "writer", "member", "list_change"}) {
    const std::string table(name);
    store.query("DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM saved_" +
                table);
  }
  store.query("COMMIT");
  EXPECT_EQ(texts(*node_, bob_).front(), "kept");
  send(*node_, alice_, group_, "in its place");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(texts(*node_, bob_).front(), "in its place");
}

}  // namespace
}  // namespace msg::test
