// SPDX-License-Identifier: Apache-2.0
// Lists that a process keeps in memory, where others write to the store: what they tell it, and
// what it does when they do not.
#include <algorithm>

#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresLists : public Postgres {
 protected:
  void SetUp() override {
    Postgres::SetUp();
    if (IsSkipped()) return;
    here_ = open_with_lists(0);
    there_ = open_with_lists(1);
    alice_ = add_user(*here_, "alice");
    for (int i = 0; i < 5; ++i) {
      rooms_.push_back(must(here_->create_group(alice_.id, {.title = "room", .users = {}})).id);
    }
  }

  std::unique_ptr<Messenger> open_with_lists(int node) {
    Options options;
    options.node = node;
    options.list_cache_from = 1;
    return must(open(url_, options));
  }
  ConversationId first_of(Messenger& messenger) {
    return must(messenger.list_conversations(alice_.id, {.limit = 1})).items.at(0).conversation.id;
  }
  void ask(const std::string& sql) {
    ForeignSession(url_.substr(0, url_.find("&msg_"))).query(sql);
  }
  std::string count_of_noted(const std::string& where = "true") {
    return ForeignSession(url_.substr(0, url_.find("&msg_")))
        .query("SELECT count(*) FROM list_change WHERE " + where);
  }

  std::unique_ptr<Messenger> here_;
  std::unique_ptr<Messenger> there_;
  User alice_;
  std::vector<ConversationId> rooms_;
};

/// As a library would that does not know of the notes, and had the store open when they came.
TEST_F(PostgresLists, AProcessThatNotesNothingIsNoticed) {
  send(*there_, alice_.id, rooms_[0], "known there");
  EXPECT_EQ(first_of(*here_), rooms_[0]);
  const auto write_unnoted = [&](ConversationId room) {
    ask("UPDATE conversation SET version = version + 6553600000, activity = version + 6553600000, "
        "writer = 1 WHERE id = " +
        std::to_string(to_int(room)) +
        "; UPDATE writer SET last_version = last_version + 6553600000 WHERE id = 1");
  };
  for (const std::size_t room : {1u, 2u}) {
    write_unnoted(rooms_[room]);
    EXPECT_EQ(first_of(*here_), rooms_[room]);
    EXPECT_EQ(first_of(*there_), rooms_[room]);
  }
  write_unnoted(rooms_[4]);
  send(*there_, alice_.id, rooms_[3], "again");
  EXPECT_EQ(first_of(*here_), rooms_[3]);
  EXPECT_EQ(first_of(*there_), rooms_[3]);
  const auto page = must(here_->list_conversations(alice_.id, {.limit = 2}));
  EXPECT_EQ(page.items.at(1).conversation.id, rooms_[4]) << "although a note came behind it";
}

/// A failover to a server that had not heard of the last commits.
TEST_F(PostgresLists, WhatTheStoreHasLostIsForgotten) {
  ask("CREATE TABLE saved_conversation AS SELECT * FROM conversation");
  ask("CREATE TABLE saved_writer AS SELECT * FROM writer");
  send(*there_, alice_.id, rooms_[0], "lost");
  EXPECT_EQ(first_of(*here_), rooms_[0]);
  ask("BEGIN; DELETE FROM conversation; INSERT INTO conversation SELECT * FROM saved_conversation; "
      "DELETE FROM writer; INSERT INTO writer SELECT * FROM saved_writer; "
      "DELETE FROM message; DELETE FROM list_change WHERE writer = 1; COMMIT");
  EXPECT_EQ(first_of(*here_), rooms_.back());
}

TEST_F(PostgresLists, ReceiptsAreNotNoted) {
  const auto bob = add_user(*here_, "bob");
  must(here_->add_member(alice_.id, rooms_[0], bob.id, Role::member));
  send(*here_, alice_.id, rooms_[0], "hi");
  const std::string before = count_of_noted();
  must(here_->mark(bob.id, {rooms_[0], MessageState::read, Seq{1}}));
  must(here_->rename_group(alice_.id, rooms_[0], "other"));
  EXPECT_EQ(count_of_noted(), before);
  send(*here_, alice_.id, rooms_[0], "ho");
  EXPECT_NE(count_of_noted(), before);
}

TEST_F(PostgresLists, NotesAreBounded) {
  constexpr int kMost = 512;  // see store/postgres/list_log.h
  for (int i = 0; i < kMost + 20; ++i) send(*there_, alice_.id, rooms_[1], "x");
  EXPECT_LE(std::stoi(count_of_noted("writer = 1")), kMost);
  EXPECT_EQ(first_of(*here_), rooms_[1]);
  there_.reset();
  there_ = open_with_lists(1);
  send(*there_, alice_.id, rooms_[2], "x");
  EXPECT_EQ(count_of_noted("writer = 1"), "1");
  EXPECT_EQ(first_of(*here_), rooms_[2]);
}

}  // namespace
}  // namespace msg::test
