// SPDX-License-Identifier: Apache-2.0
// Node numbers that processes have for a time, and what becomes of one that was away for too long.
#include <set>
#include <thread>

#include "postgres/fixture.h"
#include "store/postgres/node_lease.h"

namespace msg::test {
namespace {

using postgres::Connector;
using postgres::NodeLease;
using std::chrono::milliseconds;

class PostgresNodeLease : public Postgres {
 protected:
  void SetUp() override {
    Postgres::SetUp();
    open_node(0);  // makes the schema
    auto settings = postgres::parse_url(url_);
    connector_ = std::make_unique<Connector>(must(std::move(settings)));
  }

  std::unique_ptr<NodeLease> take(NodeLease::Terms terms = {}) {
    return must(NodeLease::take(*connector_, {}, terms));
  }
  std::unique_ptr<Messenger> open_leased() { return open_node(kNodeFromStore); }
  std::string query(const std::string& sql) {
    return ForeignSession(url_.substr(0, url_.find("&msg_"))).query(sql);
  }
  bool wait_until_over(const NodeLease& lease) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (lease.is_held() && std::chrono::steady_clock::now() < deadline) {
      const timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
      nanosleep(&pause, nullptr);
    }
    return !lease.is_held();
  }

  std::unique_ptr<Connector> connector_;
};

TEST_F(PostgresNodeLease, EachHasANumberOfItsOwnAndGivesItBack) {
  std::vector<std::unique_ptr<Messenger>> nodes;
  std::set<int> numbers;
  for (int i = 0; i < 5; ++i) {
    nodes.push_back(open_leased());
    numbers.insert(nodes.back()->node());
  }
  EXPECT_EQ(numbers, (std::set{1, 2, 3, 4, 5}));
  nodes.erase(nodes.begin() + 1);
  EXPECT_EQ(open_leased()->node(), 2);
  const auto alice = add_user(*nodes[0], "alice");
  EXPECT_EQ((to_int(alice.id) >> 12) & 1023, 1) << "it is part of the ids";
}

TEST_F(PostgresNodeLease, ManyAtOnceDoNotShare) {
  std::vector<std::unique_ptr<NodeLease>> leases(16);
  {
    std::vector<std::jthread> threads;
    for (auto& lease : leases) threads.emplace_back([&] { lease = take(); });
  }
  std::set<int> numbers;
  for (const auto& lease : leases) numbers.insert(lease->node());
  EXPECT_EQ(numbers.size(), leases.size());
}

TEST_F(PostgresNodeLease, IsProlonged) {
  const auto lease = take({.length = milliseconds(600), .margin = milliseconds(100)});
  const std::string end = query("SELECT expires_at FROM node_lease");
  wait_until("SELECT (max(expires_at) > '" + end +
                 "'::timestamptz + interval '1 second')::text FROM " + place_ + ".node_lease",
             "true");
  EXPECT_TRUE(lease->is_held());
}

/// Its own clock ends it, before the server's gives it to anybody else.
TEST_F(PostgresNodeLease, EndsWhereTheServerIsAway) {
  const auto lease = take({.length = milliseconds(600), .margin = milliseconds(300)});
  ForeignSession other(url_.substr(0, url_.find("&msg_")));
  other.query("BEGIN");
  other.query("SELECT 1 FROM node_lease FOR UPDATE");  // it cannot be prolonged
  EXPECT_TRUE(wait_until_over(*lease));
  EXPECT_EQ(other.query("SELECT (expires_at > clock_timestamp())::text FROM node_lease"), "true");
  other.query("ROLLBACK");
}

TEST_F(PostgresNodeLease, WhoLostItWritesNothingMore) {
  const auto stale = open_leased();
  const auto alice = add_user(*stale, "alice");
  const auto notes = must(stale->open_direct(alice.id, alice.id)).id;
  // As after a minute without a word of it.
  query("UPDATE node_lease SET expires_at = clock_timestamp() - interval '1 second'");
  const auto heir = open_leased();
  EXPECT_EQ(heir->node(), stale->node());
  wait_until("SELECT count(*) FROM " + place_ + ".node_lease", "1");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  Result<Message> refused = stale->send(draft(alice.id, notes, "still here?"));
  while (refused && std::chrono::steady_clock::now() < deadline) {
    const timespec pause{.tv_sec = 0, .tv_nsec = 50'000'000};
    nanosleep(&pause, nullptr);
    refused = stale->send(draft(alice.id, notes, "still here?"));
  }
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_FALSE(stale->check());
  EXPECT_TRUE(stale->history(alice.id, {.conversation = notes})) << "reading goes on";
  send(*heir, alice.id, notes, "here I am");
}

}  // namespace
}  // namespace msg::test
