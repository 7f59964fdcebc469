// SPDX-License-Identifier: Apache-2.0
// Programs of two versions on one schema: the next one's steps are made here, as that would.
#include "msg/maintenance.h"
#include "postgres/fixture.h"

namespace msg::test {
namespace {

class PostgresVersions : public Postgres {
 protected:
  std::string query(const std::string& sql) {
    return ForeignSession(url_.substr(0, url_.find("&msg_"))).query(sql);
  }

  /// A step of the next version, which asks for programs from that number on.
  void lift(const std::string& sql, std::int64_t oldest) {
    ++number_;
    query("BEGIN; " + sql + "; INSERT INTO schema_number (number, oldest) VALUES (" +
          std::to_string(number_) + ", " + std::to_string(oldest) + "); COMMIT");
  }

  /// Everything of a conversation, by those two.
  void talk(Messenger& one, Messenger& two) {
    const auto alice = add_user(one, "alice" + std::to_string(number_)).id;
    const auto bob = add_user(two, "bob" + std::to_string(number_)).id;
    const auto chat = must(one.open_direct(alice, bob)).id;
    for (int i = 0; i < 3; ++i) send(i % 2 == 0 ? one : two, alice, chat, "hi", std::to_string(i));
    must(two.mark(bob, {chat, MessageState::read, Seq{2}}));
    must(one.edit(alice, {.message = {chat, Seq{1}}, .content = "hello"}));
    must(two.react(bob, {.message = {chat, Seq{2}}, .emoji = "👍"}));
    must(one.create_session(alice, "phone"));
    const auto group = must(two.create_group(bob, {.title = "G", .users = {alice}})).id;
    must(one.remove_member(alice, group, alice));
    EXPECT_EQ(must(one.load_conversation(bob, chat)).unread_count, 1);
    EXPECT_EQ(Follower(two, bob).catch_up(), 3);
  }

  std::int64_t number_{};
};

/// Whatever a step may add: tables, and columns that are NULL or have a default.
TEST_F(PostgresVersions, AnOlderProgramWorksOnWhatOnlyAdds) {
  auto running = open_node(1);
  number_ = std::stoll(query("SELECT max(number) FROM schema_number"));
  const std::int64_t own = number_;
  talk(*running, *running);
  lift(
      "CREATE TABLE later (id INT8 PRIMARY KEY); "
      "DO $$ DECLARE t TEXT; BEGIN FOR t IN SELECT c.relname FROM pg_class c WHERE "
      "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') "
      "AND NOT c.relispartition AND c.relname <> 'later' LOOP "
      "EXECUTE format('ALTER TABLE %I ADD COLUMN later1 INT8 NOT NULL DEFAULT 7, "
      "ADD COLUMN later2 TEXT', t); END LOOP; END $$",
      own);
  const auto started = open_node(2);
  talk(*running, *started);
  EXPECT_TRUE(running->check());
  running = nullptr;
  EXPECT_EQ(must(check_store(url_)).problems, std::vector<std::string>{});

  // A step that changes what is there ends it, for who starts then.
  lift("SELECT 1", number_ + 1);
  const auto refused = open(url_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_TRUE(started->check()) << "who runs is the operator's to stop first";
  // So it stays, whatever is added behind.
  lift("SELECT 1", number_);
  EXPECT_FALSE(open(url_));
}

TEST_F(PostgresVersions, ThePlanTellsWhatIsThereAndWhatIsToCome) {
  const std::string empty = must(plan_schema(url_));
  EXPECT_THAT(empty, testing::HasSubstr("number 0 is there"));
  EXPECT_THAT(empty, testing::HasSubstr("to run"));
  EXPECT_EQ(query("SELECT to_regclass('schema_number')"), "") << "it makes nothing";
  open_node(0);
  const std::string made = must(plan_schema(url_));
  EXPECT_THAT(made, testing::Not(testing::HasSubstr("to run")));
  EXPECT_THAT(made, testing::HasSubstr("create_distributed_table('message', 'conversation_id')"));
  query("DELETE FROM schema_number WHERE number = (SELECT max(number) FROM schema_number)");
  EXPECT_THAT(must(plan_schema(url_)), testing::HasSubstr("to run"));
  EXPECT_FALSE(plan_schema("memory:"));
}

}  // namespace
}  // namespace msg::test
