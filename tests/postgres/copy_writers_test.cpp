// SPDX-License-Identifier: Apache-2.0
// A store that several processes wrote to is copied: each cursor that was ever given brings from
// the copy what it brings from the source, wherever the copy lies.
#include <filesystem>
#include <random>

#include "msg/maintenance.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

/// What a sync brings, so that it can be compared.
std::vector<std::string> news(Messenger& messenger, UserId user, std::string cursor, int limit) {
  std::vector<std::string> lines;
  for (bool more = true; more;) {
    SyncRequest request;
    request.cursor = cursor;
    request.limit = limit;
    const auto page = must(messenger.sync(user, request));
    for (const auto& delta : page.conversations) {
      const auto id = std::to_string(to_int(delta.view.conversation.id));
      lines.push_back(id + " at " + std::to_string(to_int(delta.view.conversation.version)));
      if (delta.missing) lines.push_back("from " + std::to_string(to_int(delta.missing->from)));
      for (const auto& m : delta.messages) {
        lines.push_back(to_string(m.id));
        if (m.changed) lines.push_back("changed " + std::to_string(to_int(*m.changed)));
      }
      for (const auto& m : delta.members) {
        lines.push_back("member " + std::to_string(to_int(m.version)));
      }
    }
    cursor = page.cursor;
    more = page.has_more;
  }
  return lines;
}

class PostgresCopy : public Postgres {
 protected:
  PostgresCopy() {
    std::string path = (std::filesystem::temp_directory_path() / "msg-copy-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    directory_ = path;
  }
  ~PostgresCopy() override { std::filesystem::remove_all(directory_); }

  void SetUp() override {
    Postgres::SetUp();
    if (!IsSkipped()) write();
  }

  /// Three writers in random order, receipts and members that come and go; a cursor at each step.
  void write() {
    std::vector<std::unique_ptr<Messenger>> nodes;
    for (const int node : {4, 5, 31}) nodes.push_back(open_node(node));
    alice_ = add_user(*nodes[0], "alice");
    bob_ = add_user(*nodes[1], "bob");
    const auto carol = add_user(*nodes[2], "carol");
    std::vector<ConversationId> chats{must(nodes[0]->open_direct(alice_.id, bob_.id)).id};
    for (int i = 0; i < 3; ++i) {
      NewGroup group;
      group.title = "Group";
      group.users = {bob_.id};
      chats.push_back(must(nodes[1]->create_group(alice_.id, group)).id);
    }
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::int64_t> sent(chats.size());
    for (int step = 0; step < 80; ++step) {
      auto& node = *nodes[random() % nodes.size()];
      const std::size_t i = random() % chats.size();
      std::vector<Draft> drafts(random() % 20, draft(alice_.id, chats[i], "x"));
      for (auto& result : node.send_many(drafts)) must(std::move(result));
      sent[i] += static_cast<std::int64_t>(drafts.size());
      if (sent[i] > 0 && random() % 4 == 0) {
        must(node.mark(bob_.id, {chats[i], MessageState::read, Seq{sent[i]}}));
      }
      if (sent[i] > 0 && random() % 2 == 0) {
        const Seq seq{1 + static_cast<std::int64_t>(random() % 20) % sent[i]};
        must(node.edit(alice_.id, {{chats[i], seq}, "x " + std::to_string(step)}));
      }
      if (i > 0 && random() % 8 == 0) {
        must(node.add_member(alice_.id, chats[i], carol.id, Role::member));
        if (random() % 2 == 0) must(node.remove_member(alice_.id, chats[i], carol.id));
      }
      cursors_.push_back(must(nodes[random() % nodes.size()]->sync_position()));
    }
  }

  void expect_the_same_news(const std::string& copy_url, int node) {
    Options options;
    options.node = node;
    const auto source = open_node(1);
    const auto copy = must(open(copy_url, options));
    for (const auto& cursor : cursors_) {
      ASSERT_EQ(news(*copy, bob_.id, cursor, 0), news(*source, bob_.id, cursor, 0));
      ASSERT_EQ(news(*copy, bob_.id, cursor, 1), news(*source, bob_.id, cursor, 1));
    }
  }
  static void copy_and_check(const std::string& from, const std::string& to) {
    CopyOptions options;
    options.verify = true;
    options.batch_rows = 50;
    const auto report = must(copy_store(from, to, options));
    EXPECT_EQ(report.difference_count, 0) << testing::PrintToString(report.differences);
    const auto checked = must(check_store(to));
    EXPECT_EQ(checked.problem_count, 0) << testing::PrintToString(checked.problems);
  }
  /// One for each name and scheme.
  std::string file(const std::string& scheme, const std::string& name) const {
    return scheme + (directory_ / (name + "." + scheme.substr(0, scheme.find(':')))).string();
  }

  std::filesystem::path directory_;
  User alice_;
  User bob_;
  std::vector<std::string> cursors_;
};

TEST_F(PostgresCopy, ToOneWriterKeepsEachCursorExact) {
  for (const std::string scheme : {"sqlite:", "rocksdb:"}) {
    SCOPED_TRACE(scheme);
    const auto to = file(scheme, "a");
    copy_and_check(url_, to);
    expect_the_same_news(to, 0);
  }
}

TEST_F(PostgresCopy, AndOnFromThereToAnyOther) {
  const auto other = PostgresServer::shared().make_place(place_ + "_back") + "&msg_partitions=2";
  copy_and_check(url_, file("sqlite:", "a"));
  copy_and_check(file("sqlite:", "a"), file("rocksdb:", "b"));
  copy_and_check(file("rocksdb:", "b"), other);
  expect_the_same_news(file("rocksdb:", "b"), 0);
  expect_the_same_news(other, 4);
}

TEST_F(PostgresCopy, WhatTheCopyWritesIsNewsToEachCursorOnce) {
  for (const std::string scheme : {"sqlite:", "rocksdb:"}) {
    SCOPED_TRACE(scheme);
    const auto to = file(scheme, "c");
    copy_and_check(url_, to);
    auto copy = must(open(to));
    const auto chat = must(copy->open_direct(alice_.id, bob_.id)).id;
    const auto last = send(*copy, alice_.id, chat, "later").id;
    for (const auto& cursor : cursors_) {
      const auto lines = news(*copy, bob_.id, cursor, 0);
      ASSERT_EQ(std::ranges::count(lines, to_string(last)), 1);
    }
    Follower follower(*copy, bob_.id);
    follower.catch_up();
    EXPECT_EQ(follower.catch_up(), 0);
    must(copy->mark(bob_.id, {chat, MessageState::read, last.seq}));
    send(*copy, bob_.id, chat, "latest");
    EXPECT_EQ(follower.catch_up(), 1);
    // A copy of the copy, in which both origins lie.
    const auto again = file(scheme, "d");
    const auto position = must(copy->sync_position());
    std::vector<std::vector<std::string>> wanted;
    for (const auto& cursor : cursors_) wanted.push_back(news(*copy, bob_.id, cursor, 0));
    copy.reset();
    copy_and_check(to, again);
    const auto second = must(open(again));
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
      ASSERT_EQ(news(*second, bob_.id, cursors_[i], 0), wanted[i]);
    }
    EXPECT_TRUE(news(*second, bob_.id, position, 0).empty());
  }
}

TEST_F(PostgresCopy, TwoAtOnceAreOneTooMany) {
  const auto to = PostgresServer::shared().make_place(place_ + "_two") + "&msg_partitions=2";
  CopyOptions options;
  bool has_tried = false;
  options.progress = [&](const Progress& progress) {
    if (has_tried || progress.rows == 0) return;
    has_tried = true;
    const auto second = copy_store(url_, to);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::conflict) << second.error().detail;
    EXPECT_FALSE(open(to)) << "half of it is there";
  };
  must(copy_store(url_, to, options));
  EXPECT_TRUE(has_tried);
}

}  // namespace
}  // namespace msg::test
