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
  using Postgres::wait_until;
  static bool wait_until(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_so() && std::chrono::steady_clock::now() < deadline) {
      const timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
      nanosleep(&pause, nullptr);
    }
    return is_so();
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
  EXPECT_EQ(numbers, (std::set{24, 25, 26, 27, 28}));
  nodes.erase(nodes.begin() + 1);
  EXPECT_EQ(open_leased()->node(), 25);
  const auto alice = add_user(*nodes[0], "alice");
  EXPECT_EQ((to_int(alice.id) >> 12) & 1023, 24) << "it is part of the ids";
}

TEST_F(PostgresNodeLease, ManyAtOnceDoNotShare) {
  std::vector<std::unique_ptr<NodeLease>> leases(16);
  {
    std::vector<std::jthread> threads;
    for (auto& lease : leases) threads.emplace_back([&] { lease = take(); });
  }
  std::set<std::int64_t> numbers;
  for (const auto& lease : leases) numbers.insert(lease->tag().node);
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
  EXPECT_TRUE(wait_until([&] { return !lease->is_held(); }));
  EXPECT_EQ(other.query("SELECT (expires_at > clock_timestamp())::text FROM node_lease"), "true");
  other.query("ROLLBACK");
}

/// As after a minute without a word of its process.
constexpr const char* kExpire =
    "UPDATE node_lease SET expires_at = clock_timestamp() - interval '1 second'";

/// It does not know yet, by any clock of its own: the commit is told.
TEST_F(PostgresNodeLease, WhoLostItCommitsNothingWithItAndTakesAnother) {
  const auto stale = open_leased();
  const auto alice = add_user(*stale, "alice");
  const auto notes = must(stale->open_direct(alice.id, alice.id)).id;
  query(kExpire);
  const auto heir = open_leased();
  ASSERT_EQ(heir->node(), 24);
  const auto refused = stale->send(draft(alice.id, notes, "still here?"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
  EXPECT_EQ(send(*heir, alice.id, notes, "here I am").id.seq, Seq{1});
  wait_until("SELECT count(*) FROM " + place_ + ".node_lease", "2");
  ASSERT_TRUE(wait_until([&] { return stale->check().has_value(); }));
  EXPECT_EQ(stale->node(), 48) << "the same writer, so what it has told others stays true";
  EXPECT_EQ(send(*stale, alice.id, notes, "here we are").id.seq, Seq{2});
  EXPECT_EQ((to_int(add_user(*stale, "bob").id) >> 12) & 1023, 48);
  EXPECT_EQ((to_int(add_user(*heir, "carol").id) >> 12) & 1023, 24);
  EXPECT_EQ(query("SELECT count(*) FROM writer WHERE last_version > 0"), "1");
}

/// Whoever is in a commit with the number keeps it that long.
TEST_F(PostgresNodeLease, NobodyTakesItFromACommit) {
  const auto held = take();
  ForeignSession commit(url_.substr(0, url_.find("&msg_")));
  commit.query("BEGIN");
  commit.query("SELECT 1 FROM writer WHERE id = 0 FOR NO KEY UPDATE");
  query(kExpire);
  std::unique_ptr<NodeLease> heir;
  std::jthread taker([&] { heir = take(); });
  wait_until(
      "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
      "AND query LIKE '%node_lease%'",
      "t");
  commit.query("COMMIT");
  taker.join();
  EXPECT_EQ(heir->tag().node, held->tag().node);
}

TEST_F(PostgresNodeLease, WithoutTheServerNothingIsWrittenAndThenAllGoesOn) {
  const auto lease = take({.length = milliseconds(600), .margin = milliseconds(300)});
  ForeignSession other(url_.substr(0, url_.find("&msg_")));
  other.query("BEGIN");
  other.query("SELECT 1 FROM node_lease FOR UPDATE");
  ASSERT_TRUE(wait_until([&] { return !lease->is_held(); }));
  other.query("ROLLBACK");
  EXPECT_TRUE(wait_until([&] { return lease->is_held(); }));
  EXPECT_EQ(lease->tag().node, 24) << "nobody has taken it";
}

/// Two clocks that do not agree: the ids of who comes later are above, all the same.
TEST_F(PostgresNodeLease, IdsRiseWhateverTheClockOfTheHeirSays) {
  const auto open_at = [&](std::chrono::minutes late) {
    Options options;
    options.node = kNodeFromStore;
    options.clock = [late] { return Options{}.clock() + late; };
    return must(open(url_, options));
  };
  const auto alice = add_user(*open_at(std::chrono::minutes(10)), "alice");
  const auto bob = add_user(*open_at(std::chrono::minutes(0)), "bob");
  EXPECT_EQ((to_int(bob.id) >> 12) & 1023, (to_int(alice.id) >> 12) & 1023);
  EXPECT_GT(to_int(bob.id), to_int(alice.id));
}

}  // namespace
}  // namespace msg::test
