// SPDX-License-Identifier: Apache-2.0
// How PostgreSQL carries out what is asked often, or of whole tables: by an index, at its place in
// it. The sessions are those of the library, whose plans are made once, whatever comes later; so
// they have to be good for a store that is empty and for one that is not.
#include <regex>

#include "postgres/fixture.h"
#include "store/postgres/connection.h"
#include "store/postgres/statements.h"

namespace msg::test {
namespace {

using postgres::Sql;

int count_of(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern);
  return static_cast<int>(
      std::distance(std::sregex_iterator(text.begin(), text.end(), wanted), {}));
}

class PostgresPlans : public Postgres {
 protected:
  void SetUp() override {
    Postgres::SetUp();
    if (!IsSkipped()) open_node(0);  // makes the schema
  }

  /// Some hundred rows per table, and what the planner wants to know of them.
  void fill() {
    for (const char* sql : {
             "INSERT INTO user_account SELECT i, 1, 1, '+' || i, 'u' || i, '', '', '' "
             "FROM generate_series(1, 500) i",
             "INSERT INTO user_phone SELECT phone, id FROM user_account",
             "INSERT INTO username SELECT username, id FROM user_account",
             "INSERT INTO session SELECT i, j, 1, decode(md5(i || '-' || j), 'hex'), '' "
             "FROM generate_series(1, 200) i, generate_series(1, 3) j",
             "INSERT INTO session_token SELECT token_hash, user_id, id FROM session",
             "INSERT INTO api_key SELECT i, 1, decode(md5(i::text), 'hex'), '' "
             "FROM generate_series(1, 300) i",
             "INSERT INTO conversation SELECT i, 0, 0, 1, 1, 20, 1, 5, 1, i, 0, 'group', '', '' "
             "FROM generate_series(1, 200) i",
             "INSERT INTO direct SELECT i, i + 1, i FROM generate_series(1, 300) i",
             "INSERT INTO member SELECT i, j, 1, NULL, 0, 0, 0, 0, 1, j, 0, true, 'member', '', '' "
             "FROM generate_series(1, 200) i, generate_series(1, 5) j",
             "INSERT INTO membership SELECT user_id, conversation_id, 1, 0, true FROM member",
             "INSERT INTO message SELECT i, j, j, 1, NULL, NULL, NULL, 0, false, 'text', '', 'x' "
             "FROM generate_series(1, 200) i, generate_series(1, 20) j",
             "INSERT INTO time_mark SELECT conversation_id, version, seq, 0 FROM message",
             "INSERT INTO message_change SELECT conversation_id, version, seq, 0 FROM message",
             "INSERT INTO revision SELECT conversation_id, seq, '' FROM message",
             "INSERT INTO annotation SELECT conversation_id, seq, 1, '' FROM message",
             "INSERT INTO idempotency SELECT conversation_id, 1, seq, 'k' || seq, '' FROM message",
             "ANALYZE",
         }) {
      ask(sql);
    }
  }

  /// The plan as the library's sessions make it, in JSON.
  std::string plan_of(Sql sql, const std::string& options = {}) {
    const std::string name = "p" + std::to_string(static_cast<std::size_t>(sql));
    const std::string text = postgres::text_of(sql);
    // Values of any type, not NULL: the planner would know that nothing comes of it.
    std::string values;
    for (int i = 1; text.contains("$" + std::to_string(i) + "::"); ++i) {
      values += values.empty() ? "(" : ", ";
      values += text.contains("$" + std::to_string(i) + "::int8[]") ? "'{1,1,7}'" : "'1'";
    }
    if (!values.empty()) values += ")";
    ask("PREPARE " + name + " AS " + text);
    std::string plan = ask("EXPLAIN (FORMAT JSON" + options + ") EXECUTE " + name + values);
    ask("DEALLOCATE " + name);
    return plan;
  }

  /// Rows come from indexes, in their order and from a place in them.
  void expect_seeks(Sql sql) {
    const std::string plan = plan_of(sql);
    const std::string what = std::string(postgres::text_of(sql)) + "\n" + plan;
    const int scans = count_of(plan, R"("Node Type": "Index (Only )?Scan")");
    EXPECT_GT(scans, 0) << what;
    EXPECT_EQ(count_of(plan, R"("Index Cond":)"), scans) << what;
    EXPECT_EQ(count_of(plan, R"("Node Type": "(Seq|Bitmap))"), 0) << what;
    // An incremental sort orders rows among equals, as it comes to them.
    EXPECT_EQ(count_of(plan, R"("Node Type": "Sort")"), 0) << what;
  }

  void expect_all_seek() {
    for (auto sql = static_cast<std::size_t>(Sql::scan_users);
         sql <= static_cast<std::size_t>(Sql::scan_expiries); ++sql) {
      expect_seeks(static_cast<Sql>(sql));
    }
    for (const Sql sql : {Sql::find_participation, Sql::find_participations, Sql::list_memberships,
                          Sql::list_standings, Sql::list_places, Sql::find_messages,
                          Sql::find_seq_after, Sql::list_message_changes, Sql::find_revisions,
                          Sql::find_annotations, Sql::list_annotations}) {
      expect_seeks(sql);
    }
  }

 private:
  std::string ask(const std::string& sql) {
    if (!connection_) {
      settings_ = must(postgres::parse_url(url_));
      connection_ = must(postgres::Connection::open(settings_));
    }
    return must(connection_->execute(sql, std::chrono::seconds(20)));
  }

  postgres::Settings settings_;
  std::unique_ptr<postgres::Connection> connection_;
};

TEST_F(PostgresPlans, WholeTablesAndPagesAreReadByIndexInAnEmptyStore) {
  expect_all_seek();
}

TEST_F(PostgresPlans, WholeTablesAndPagesAreReadByIndexInAFullStore) {
  fill();
  expect_all_seek();
}

/// Four partitions: two hold the messages asked for, at most, the others are not looked into.
TEST_F(PostgresPlans, MessagesOfManyConversationsAreLookedForInTheirPartitionsOnly) {
  fill();
  const std::string plan = plan_of(Sql::find_messages, ", ANALYZE");
  EXPECT_EQ(count_of(plan, R"("Node Type": "Index Scan")"), 4) << plan;
  EXPECT_GE(count_of(plan, R"("Actual Loops": 0)"), 2) << plan;
}

}  // namespace
}  // namespace msg::test
