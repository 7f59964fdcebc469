// SPDX-License-Identifier: Apache-2.0
// Several processes write to one store at the same time: nothing is lost, doubled or out of order.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresWriters : public Postgres {
 protected:
  /// A session that makes whoever sends with this key wait between the stamp and the commit.
  std::unique_ptr<ForeignSession> park(ConversationId conversation, UserId sender,
                                       const std::string& key) {
    auto session = std::make_unique<ForeignSession>(url_.substr(0, url_.find("&msg_")));
    session->query("BEGIN");
    session->query(
        "INSERT INTO idempotency (conversation_id, sender, seq, client_id, request_hash)"
        " VALUES (" +
        std::to_string(to_int(conversation)) + ", " + std::to_string(to_int(sender)) + ", 0, '" +
        key + "', '')");
    return session;
  }
  static void wait_for_waiting_session() {
    wait_until("SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
  }
};

/// A row of the message is locked by somebody else, so the edit has its version and waits.
TEST_F(PostgresWriters, AnEditThatBecomesVisibleLateIsNotMissed) {
  const auto a = open_node(1);
  const auto b = open_node(2);
  const auto alice = add_user(*a, "alice");
  const auto bob = add_user(*b, "bob");
  const auto chat = must(a->open_direct(alice.id, bob.id)).id;
  const auto other = must(b->open_direct(bob.id, bob.id)).id;
  const auto sent = send(*a, alice.id, chat, "helo");
  const auto news = [&](std::string& cursor) {
    SyncRequest request;
    request.cursor = cursor;
    const auto page = must(b->sync(bob.id, request));
    cursor = page.cursor;
    std::vector<std::string> contents;
    for (const auto& delta : page.conversations) {
      for (const auto& message : delta.messages) contents.push_back(message.content);
    }
    return contents;
  };
  std::string cursor = must(b->sync_position());

  ForeignSession lock(url_.substr(0, url_.find("&msg_")));
  lock.query("BEGIN");
  lock.query("SELECT 1 FROM message WHERE conversation_id = " + std::to_string(to_int(chat)) +
             " FOR UPDATE");
  auto late = std::async(std::launch::async, [&] { return a->edit(alice.id, {sent.id, "hello"}); });
  wait_for_waiting_session();
  const auto early = send(*b, bob.id, other, "early");
  EXPECT_THAT(news(cursor), testing::ElementsAre("early"));
  lock.query("ROLLBACK");
  EXPECT_LT(must(late.get()).changed, early.version) << "or this test shows nothing";
  EXPECT_THAT(news(cursor), testing::ElementsAre("hello"));
  EXPECT_THAT(news(cursor), testing::IsEmpty());

  must(b->delete_for_everyone(alice.id, sent.id));
  EXPECT_THAT(news(cursor), testing::ElementsAre(""));
  EXPECT_EQ(must(a->list_revisions(bob.id, sent.id)).size(), 2u);
}

TEST_F(PostgresWriters, ACommitThatBecomesVisibleLateIsNotMissed) {
  const auto a = open_node(1);
  const auto b = open_node(2);
  const auto alice = add_user(*a, "alice");
  const auto bob = add_user(*b, "bob");
  const auto chat = must(a->open_direct(alice.id, bob.id)).id;
  const auto other = must(b->open_direct(bob.id, bob.id)).id;
  Follower follower(*b, bob.id);
  follower.catch_up();

  const auto parked = park(chat, alice.id, "k");
  auto late =
      std::async(std::launch::async, [&] { return a->send(draft(alice.id, chat, "late", "k")); });
  wait_for_waiting_session();
  const auto early = send(*b, bob.id, other, "early");
  EXPECT_EQ(follower.catch_up(), 1) << "what is committed is offered without waiting";
  EXPECT_EQ(follower.catch_up(), 0);
  const auto live = must(b->sync_position());

  parked->query("ROLLBACK");
  const auto message = must(late.get());
  EXPECT_LT(message.version, early.version) << "or this test shows nothing";
  EXPECT_EQ(follower.catch_up(), 1);
  EXPECT_EQ(follower.seen(chat), 1);
  EXPECT_EQ(follower.catch_up(), 0);
  SyncRequest request;
  request.cursor = live;
  EXPECT_EQ(must(b->sync(bob.id, request)).conversations.size(), 1u);
}

TEST_F(PostgresWriters, NothingIsMissedInTheMiddleOfPaging) {
  const auto a = open_node(1);
  const auto b = open_node(2);
  const auto alice = add_user(*a, "alice");
  const auto bob = add_user(*b, "bob");
  std::vector<ConversationId> chats;
  for (int i = 0; i < 6; ++i) {
    NewGroup group;
    group.title = "Group";
    group.users = {bob.id};
    chats.push_back(must(a->create_group(alice.id, group)).id);
  }
  Follower follower(*b, bob.id);
  follower.catch_up();
  auto page = [&, cursor = follower.cursor()]() mutable {
    SyncRequest request;
    request.limit = 1;
    request.cursor = cursor;
    auto got = must(b->sync(bob.id, request));
    cursor = got.cursor;
    return got;
  };
  // One page is read while a low version waits; it appears where paging has been already.
  for (const int i : {1, 2, 3}) send(*b, bob.id, chats[static_cast<std::size_t>(i)], "x");
  const auto parked = park(chats[0], alice.id, "k");
  auto late = std::async(std::launch::async,
                         [&] { return a->send(draft(alice.id, chats[0], "late", "k")); });
  wait_for_waiting_session();
  for (const int i : {4, 5}) send(*b, bob.id, chats[static_cast<std::size_t>(i)], "x");
  std::map<ConversationId, int> offered;
  for (int i = 0; i < 4; ++i) ++offered[page().conversations.at(0).view.conversation.id];
  parked->query("ROLLBACK");
  must(late.get());
  for (bool more = true; more;) {
    const auto next = page();
    for (const auto& delta : next.conversations) ++offered[delta.view.conversation.id];
    more = next.has_more;
  }
  for (const auto chat : chats) EXPECT_EQ(offered[chat], 1);
  EXPECT_TRUE(page().conversations.empty());
}

/// Long conversations of several writers, so that what a cursor saw lies between time marks, and
/// receipts, so that members change too. From every old cursor comes exactly what came since.
TEST_F(PostgresWriters, EveryOldCursorBringsExactlyWhatCameSince) {
  std::vector<std::unique_ptr<Messenger>> nodes;
  for (const int node : {4, 5, 31}) nodes.push_back(open_node(node));
  const auto alice = add_user(*nodes[0], "alice");
  const auto bob = add_user(*nodes[1], "bob");
  const auto chat = must(nodes[0]->open_direct(alice.id, bob.id)).id;
  struct Mark {
    std::string cursor;
    std::int64_t sent;
    Version member;
  };
  std::vector<Mark> marks;
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::int64_t sent = 0;
  Version member{};
  for (int step = 0; step < 60; ++step) {
    auto& node = *nodes[random() % nodes.size()];
    std::vector<Draft> drafts(random() % 20, draft(alice.id, chat, "x"));
    for (auto& result : node.send_many(drafts)) must(std::move(result));
    sent += static_cast<std::int64_t>(drafts.size());
    if (sent > 0 && random() % 4 == 0) {
      member = must(node.mark(bob.id, {chat, MessageState::read, Seq{sent}})).version;
    }
    marks.push_back({must(nodes[random() % nodes.size()]->sync_position()), sent, member});
  }
  for (const auto& mark : marks) {
    SyncRequest request;
    request.cursor = mark.cursor;
    const auto page = must(nodes[random() % nodes.size()]->sync(bob.id, request));
    const bool has_news = mark.sent < sent || mark.member < member;
    ASSERT_EQ(page.conversations.size(), has_news ? 1u : 0u);
    if (!has_news) continue;
    const auto& delta = page.conversations[0];
    EXPECT_EQ(delta.messages.empty(), mark.sent == sent);
    if (!delta.messages.empty()) {
      const Seq first = delta.missing ? delta.missing->from : delta.messages.front().id.seq;
      EXPECT_EQ(to_int(first), mark.sent + 1);
    }
    EXPECT_EQ(delta.members.size(), mark.member < member ? 1u : 0u);
  }
}

TEST_F(PostgresWriters, AClockThatIsBehindLosesNothing) {
  Options options;
  options.node = 1;
  options.clock = [] {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - std::chrono::hours(1));
  };
  const auto behind = must(open(url_, options));
  const auto right = open_node(2);
  const auto alice = add_user(*behind, "alice");
  const auto bob = add_user(*right, "bob");
  const auto chat = must(right->open_direct(alice.id, bob.id)).id;
  const auto notes = must(behind->open_direct(alice.id, alice.id)).id;
  Follower follower(*right, alice.id);
  for (int i = 0; i < 5; ++i) {
    const auto first = send(*right, bob.id, chat, "now");
    const auto second = send(*behind, alice.id, chat, "an hour ago");
    EXPECT_GT(second.version, first.version) << "versions rise in a conversation";
    EXPECT_EQ(follower.catch_up(), 2);
    send(*behind, alice.id, notes, "an hour ago");
    EXPECT_EQ(follower.catch_up(), 1);
  }
}

TEST_F(PostgresWriters, ASharedNodeNumberOnlyMakesThemTakeTurns) {
  const auto a = open_node(3);
  const auto b = open_node(3);
  const auto alice = add_user(*a, "alice");
  const auto notes = must(a->open_direct(alice.id, alice.id)).id;
  const auto other = must(b->create_group(alice.id, {.title = "Group", .users = {}})).id;
  const auto parked = park(notes, alice.id, "k");
  auto late =
      std::async(std::launch::async, [&] { return a->send(draft(alice.id, notes, "1", "k")); });
  wait_for_waiting_session();
  auto second =
      std::async(std::launch::async, [&] { return b->send(draft(alice.id, other, "2")); });
  wait_until("SELECT count(*) FROM pg_locks WHERE NOT granted", "2");
  Follower follower(*b, alice.id);
  follower.catch_up();
  parked->query("ROLLBACK");
  EXPECT_LT(must(late.get()).version, must(second.get()).version);
  EXPECT_EQ(follower.catch_up(), 2);
}

TEST_F(PostgresWriters, EventsOfOneProcessDoNotHideTheCommitsOfAnother) {
  const auto b = open_node(2);
  const auto alice = add_user(*b, "alice");
  const auto notes = must(b->open_direct(alice.id, alice.id)).id;
  const auto other = must(b->create_group(alice.id, {.title = "Group", .users = {}})).id;
  const auto a = open_node(1);  // which knows all that
  std::vector<std::string> cursors;
  int falls = 0;
  const auto subscription = must(a->subscribe(
      alice.id, [&](const auto& event) { cursors.push_back(event->cursor); }, [&] { ++falls; }));
  SyncRequest request{.cursor = must(a->sync_position())};
  ASSERT_TRUE(must(subscription->go_live(request.cursor)));
  send(*a, alice.id, notes, "from here");
  ASSERT_EQ(cursors.size(), 1u);
  // What may be built on something that nobody told of here is not handed out.
  send(*b, alice.id, other, "from elsewhere");
  send(*a, alice.id, notes, "from here again");
  EXPECT_EQ(cursors.size(), 1u);
  EXPECT_EQ(falls, 1);
  request.cursor = cursors[0];
  auto page = must(a->sync(alice.id, request));
  EXPECT_EQ(page.conversations.size(), 2u);
  ASSERT_TRUE(must(subscription->go_live(page.cursor)));
  send(*a, alice.id, notes, "and again");
  request.cursor = page.cursor;
  page = must(a->sync(alice.id, request));
  ASSERT_EQ(page.conversations.size(), 1u);
  EXPECT_EQ(page.conversations[0].view.conversation.id, notes);
}

/// Runs `work` in a process of its own; it ends with 0 when that succeeds.
pid_t in_process(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "child: %s\n", e.what());
    _exit(2);
  }
}

constexpr int kProcesses = 3;
constexpr int kSends = 400;
constexpr int kSharedKeys = 50;

/// Everything that two processes can want at the same time.
void race(const std::string& url, int node) {
  Options options;
  options.node = node;
  const auto messenger = must(open(url, options));
  const auto user = [&](const std::string& phone) {
    NewUser wanted;
    wanted.phone = phone;
    (void)messenger->register_user(wanted);  // one of us makes it
    return must(messenger->load_user_by_phone(phone));
  };
  std::vector<User> users;
  for (int i = 0; i < 10; ++i) users.push_back(user("+1415555020" + std::to_string(i)));
  std::vector<ConversationId> chats;
  for (int i = 1; i < 10; ++i) {
    const auto& peer = users[static_cast<std::size_t>(i)];
    chats.push_back(must(messenger->open_direct(users[0].id, peer.id)).id);
  }
  std::mt19937 random(static_cast<unsigned>(node));
  std::vector<Draft> drafts;
  for (int i = 0; i < kSends; ++i) {
    Draft draft;
    draft.conversation = chats[random() % chats.size()];
    draft.sender = users[0].id;
    draft.client_id = std::to_string(node) + "-" + std::to_string(i);
    draft.content = draft.client_id;
    drafts.push_back(draft);
  }
  for (int i = 0; i < kSharedKeys; ++i) {
    Draft draft;
    draft.conversation = chats[static_cast<std::size_t>(i) % chats.size()];
    draft.sender = users[0].id;
    draft.client_id = "shared-" + std::to_string(i);
    draft.content = "the same from everybody";
    drafts.push_back(draft);
  }
  std::ranges::shuffle(drafts, random);
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      for (std::size_t at = next++; at < drafts.size(); at = next++) {
        const auto sent = messenger->send(drafts[at]);
        EXPECT_TRUE(sent) << (sent ? "" : sent.error().detail);
      }
    });
  }
}

TEST_F(PostgresWriters, RacingProcessesKeepEveryPromise) {
  std::vector<pid_t> children;
  for (int node = 1; node <= kProcesses; ++node) {
    children.push_back(in_process([&] { race(url_, node); }));
  }
  // The first of them makes the schema while the others wait for it; then we watch.
  const auto messenger = open_node(0);
  Result<User> reader = messenger->load_user_by_phone("+14155550200");
  while (!reader) reader = messenger->load_user_by_phone("+14155550200");
  Follower follower(*messenger, reader->id);
  int seen = 0;
  for (std::size_t running = children.size(); running > 0;) {
    seen += follower.catch_up(1 + seen % 4);
    int status = 0;
    const pid_t ended = waitpid(children[running - 1], &status, WNOHANG);
    if (ended == 0) continue;
    EXPECT_EQ(status, 0);
    --running;
  }
  seen += follower.catch_up();
  EXPECT_EQ(seen, kProcesses * kSends + kSharedKeys);

  const auto page = must(messenger->list_conversations(reader->id, {}));
  EXPECT_EQ(page.items.size(), 9u) << "one direct conversation per pair";
  std::int64_t total = 0;
  for (const auto& view : page.items) {
    const auto count = to_int(view.conversation.last_seq);
    EXPECT_EQ(follower.seen(view.conversation.id), count);
    total += count;
  }
  EXPECT_EQ(total, seen);
  const auto& server = PostgresServer::shared();
  const auto gaps = server.query(
      "SELECT count(*) FROM (SELECT version - lag(version) OVER w AS rise, seq - lag(seq) OVER w "
      "AS step FROM " +
      place_ +
      ".message WINDOW w AS (PARTITION BY conversation_id ORDER BY seq)) AS s "
      "WHERE step <> 1 OR rise <= 0");
  EXPECT_EQ(gaps, "0");
}

}  // namespace
}  // namespace msg::test
