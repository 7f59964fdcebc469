// SPDX-License-Identifier: Apache-2.0
// What happens when the server is slow, restarted, unreachable or not what was expected.
#include <atomic>
#include <chrono>
#include <thread>

#include "postgres/fixture.h"

namespace msg::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class PostgresFailures : public Postgres {
 protected:
  void TearDown() override {
    if (PostgresServer::is_installed()) PostgresServer::shared().start_if_stopped();
  }
  PostgresServer& server() { return PostgresServer::shared(); }
  /// Ends the sessions of this library with the server.
  std::string kill_sessions() {
    return server().query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = 'libmsg'");
  }
  void make_people() {
    messenger_ = open_node(0, "&msg_timeout_ms=1000");
    alice_ = add_user(*messenger_, "alice");
    chat_ = must(messenger_->open_direct(alice_.id, alice_.id)).id;
  }

  std::unique_ptr<Messenger> messenger_;
  User alice_;
  ConversationId chat_{};
};

TEST_F(PostgresFailures, IdleSessionsThatWereEndedAreReplacedWithoutAnybodyNoticing) {
  make_people();
  for (int i = 1; i <= 5; ++i) {
    EXPECT_NE(kill_sessions(), "0");
    EXPECT_EQ(to_int(send(*messenger_, alice_.id, chat_, "x").id.seq), i);
    EXPECT_NE(kill_sessions(), "0");
    EXPECT_EQ(to_int(must(messenger_->load_conversation(alice_.id, chat_)).conversation.last_seq),
              i);
  }
}

/// Sessions are ended all the time while several send. A send that succeeded is there; one that
/// failed says unavailable, and sent again with its key it is there once.
TEST_F(PostgresFailures, SessionsEndedInTheMiddleLoseAndDoubleNothing) {
  make_people();
  std::atomic<bool> stop{false};
  std::atomic<int> done{0};
  std::atomic<int> repeated{0};
  std::jthread killer([&] {
    for (int until = 1; !stop; until = done + 4) {
      while (!stop && done < until) std::this_thread::yield();
      kill_sessions();
    }
  });
  {
    std::vector<std::jthread> senders;
    for (int s = 0; s < 4; ++s) {
      senders.emplace_back([&, s] {
        for (int i = 0; i < 40; ++i) {
          const auto key = std::to_string(s) + "-" + std::to_string(i);
          auto sent = messenger_->send(draft(alice_.id, chat_, "x", key));
          while (!sent) {
            EXPECT_EQ(sent.error().code, Code::unavailable) << sent.error().detail;
            EXPECT_GT(sent.error().retry_after.count(), 0);
            ++repeated;
            sent = messenger_->send(draft(alice_.id, chat_, "x", key));
          }
          ++done;
        }
      });
    }
  }
  stop = true;
  killer.join();
  Result<ConversationView> view = messenger_->load_conversation(alice_.id, chat_);
  while (!view) view = messenger_->load_conversation(alice_.id, chat_);
  EXPECT_EQ(to_int(view->conversation.last_seq), 160);
  RecordProperty("repeated", repeated);
}

TEST_F(PostgresFailures, ARestartedServerIsFoundAgain) {
  make_people();
  send(*messenger_, alice_.id, chat_, "before", "1");
  server().stop(PostgresServer::Stop::crash);
  const auto refused = messenger_->send(draft(alice_.id, chat_, "meanwhile", "2"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_GT(refused.error().retry_after.count(), 0);
  EXPECT_FALSE(messenger_->check());
  server().start();
  auto sent = messenger_->send(draft(alice_.id, chat_, "meanwhile", "2"));
  while (!sent) sent = messenger_->send(draft(alice_.id, chat_, "meanwhile", "2"));
  EXPECT_EQ(to_int(sent->id.seq), 2);
  auto checked = messenger_->check();
  while (!checked) checked = messenger_->check();
}

TEST_F(PostgresFailures, ALockHeldByAnotherEndsInUnavailableNotInWaiting) {
  make_people();
  ForeignSession foreign(url_.substr(0, url_.find("&msg_")));
  foreign.query("BEGIN");
  foreign.query("SELECT 1 FROM conversation FOR UPDATE");
  const auto start = std::chrono::steady_clock::now();
  const auto sent = messenger_->send(draft(alice_.id, chat_, "x", "k"));
  const auto spent = std::chrono::steady_clock::now() - start;
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Code::unavailable);
  EXPECT_LT(spent, std::chrono::seconds(3));
  foreign.query("ROLLBACK");
  EXPECT_EQ(to_int(send(*messenger_, alice_.id, chat_, "x", "k").id.seq), 1);
}

/// The first question of a read begins its transaction along with it.
TEST_F(PostgresFailures, AReadWhoseFirstQuestionFailsLeavesNothingOpen) {
  make_people();
  must(messenger_->load_conversation(alice_.id, chat_));
  const std::string sessions =
      "SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity "
      "WHERE application_name = 'libmsg'";
  const std::string before = server().query(sessions);
  {
    ForeignSession other(url_.substr(0, url_.find("&msg_")));
    other.query("BEGIN; LOCK TABLE member IN ACCESS EXCLUSIVE MODE");
    const auto refused = messenger_->load_conversation(alice_.id, chat_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
  }
  wait_until(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'libmsg' "
      "AND state LIKE 'idle in transaction%'",
      "0");
  EXPECT_EQ(server().query(sessions), before) << "not by the server, after its timeout";
  must(messenger_->load_conversation(alice_.id, chat_));
  EXPECT_EQ(server().query(sessions), before);
}

TEST_F(PostgresFailures, ADeadHostInTheUrlIsPassedOver) {
  const auto start = std::chrono::steady_clock::now();
  auto url = url_;
  url.replace(url.find("host="), 5, "host=/nowhere,127.0.0.1,");
  url += "&port=1,1,5432&target_session_attrs=read-write";
  const auto messenger = open(url);
  ASSERT_TRUE(messenger) << messenger.error().detail;
  EXPECT_TRUE((*messenger)->check());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(PostgresFailures, NoErrorRepeatsThePassword) {
  for (const std::string url :
       {"postgresql://me:s3cret-word@127.0.0.1:1/db", "postgresql://me:s3cret-word@[::1/db",
        "postgresql://me:s3cret-word@/db?no_such_parameter=1",
        "postgresql://me:s3cret-word@/db?msg_no_such=1",
        "postgresql://me:s3cret-word@/db?msg_timeout_ms=x",
        "postgresql:///db?host=/nowhere&password=s3cret-word"}) {
    const auto messenger = open(url);
    ASSERT_FALSE(messenger);
    EXPECT_THAT(messenger.error().code, AnyOf(Code::invalid_argument, Code::unavailable)) << url;
    EXPECT_THAT(messenger.error().detail, Not(HasSubstr("s3cret-word")));
    EXPECT_THAT(messenger.error().detail, Not(testing::IsEmpty()));
  }
}

TEST_F(PostgresFailures, ANewerSchemaIsRefusedAndAnOlderOneOnRequest) {
  Options careful;
  careful.migrate = false;
  const auto unmade = open(url_, careful);
  ASSERT_FALSE(unmade);
  EXPECT_EQ(unmade.error().code, Code::conflict);
  ASSERT_TRUE(open(url_));
  EXPECT_TRUE(open(url_, careful));
  server().query("INSERT INTO " + place_ + ".schema_number (number) VALUES (1000)");
  const auto newer = open(url_);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Code::conflict);
  EXPECT_THAT(newer.error().detail, HasSubstr("1000"));
}

TEST_F(PostgresFailures, ManyThatOpenAtOnceMakeOneStore) {
  std::vector<std::string> positions(8);
  std::vector<std::unique_ptr<Messenger>> messengers(8);
  {
    std::vector<std::jthread> openers;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      openers.emplace_back([&, i] { messengers[i] = open_node(static_cast<int>(i)); });
    }
  }
  const auto alice = add_user(*messengers[0], "alice");
  const auto position = must(messengers[0]->sync_position());
  for (const auto& messenger : messengers) {
    EXPECT_TRUE(messenger->load_user(alice.id));
    SyncRequest request;
    request.cursor = position;
    EXPECT_TRUE(messenger->sync(alice.id, request)) << "one secret signs for all";
  }
}

TEST_F(PostgresFailures, MessagesArePartitionedAsAskedFor) {
  open_node(0);
  EXPECT_EQ(server().query("SELECT count(*) FROM pg_inherits WHERE inhparent = '" + place_ +
                           ".message'::regclass"),
            "4");
}

/// A standby answers reads with yesterday's rows, so it must not be taken for the primary.
TEST_F(PostgresFailures, AServerThatTakesNoWritesIsNotTaken) {
  open_node(0);
  const auto refused = open(url_ + "&target_session_attrs=standby");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
}

}  // namespace
}  // namespace msg::test
