// SPDX-License-Identifier: Apache-2.0
// Messages spread over several machines by conversation: that every statement says of which.
#include "store/postgres/placement.h"

#include <set>

#include "postgres/fixture.h"
#include "store/postgres/statements.h"

namespace msg::test {
namespace {

using postgres::Reach;
using postgres::reach_of;
using postgres::Sql;

TEST(PostgresPlacement, ReadsWhomAStatementAsks) {
  EXPECT_EQ(reach_of("SELECT 1 FROM conversation WHERE id = $1::int8"), Reach::coordinator);
  EXPECT_EQ(reach_of("SELECT seq FROM message WHERE conversation_id = $1::int8"), Reach::one_shard);
  EXPECT_EQ(reach_of("SELECT seq FROM message m WHERE m.conversation_id = $1"), Reach::one_shard);
  EXPECT_EQ(reach_of("SELECT m.seq FROM unnest($1::int8[]) AS k(id) JOIN message m "
                     "ON m.conversation_id = k.id"),
            Reach::named_shards);
  EXPECT_EQ(reach_of("SELECT 1 FROM unnest($1::int8[]) AS k(conversation_id) JOIN message "
                     "USING (conversation_id)"),
            Reach::named_shards);
  EXPECT_EQ(reach_of("INSERT INTO revision (conversation_id) SELECT * FROM unnest($1::int8[])"),
            Reach::named_shards);
  EXPECT_EQ(reach_of("SELECT 1 FROM message WHERE seq = $1::int8"), Reach::all_shards);
  EXPECT_EQ(reach_of("SELECT 1 FROM message WHERE conversation_id > $1::int8"), Reach::all_shards);
  EXPECT_EQ(reach_of("SELECT 1 FROM message WHERE conversation_id >= $1"), Reach::all_shards);
  EXPECT_EQ(reach_of("DELETE FROM message WHERE sender = 'conversation_id = $1'"),
            Reach::all_shards);
  EXPECT_EQ(reach_of("SELECT 1 FROM message m JOIN member n ON n.user_id = m.sender "
                     "WHERE m.conversation_id = $1"),
            Reach::mixed);
}

TEST(PostgresPlacement, EveryHotStatementSaysOfWhichConversation) {
  for (std::size_t i = 0; i < postgres::kSqlCount; ++i) {
    const auto statement = static_cast<Sql>(i);
    if (is_scan(statement)) continue;  // nobody waits for those
    const std::string text = text_of(statement);
    const Reach reach = reach_of(text);
    EXPECT_NE(reach, Reach::all_shards) << text;
    // What sync asks about a conversation's members and messages together.
    EXPECT_EQ(reach == Reach::mixed, statement == Sql::seen_version) << text;
  }
  EXPECT_EQ(reach_of(text_of(Sql::list_messages_newest_first)), Reach::one_shard);
  EXPECT_EQ(reach_of(text_of(Sql::append_messages)), Reach::named_shards);
  EXPECT_EQ(reach_of(text_of(Sql::scan_messages)), Reach::all_shards);
}

class PostgresPlaced : public Postgres {};

TEST_F(PostgresPlaced, EveryTableHasItsPlaceAndEveryKeyItsColumn) {
  open_node(0);
  std::set<std::string> placed;
  for (const auto& [table, column, why] : postgres::placements()) {
    placed.emplace(table);
    if (column.empty()) continue;
    // What Citus asks for: unique within a shard must mean unique.
    const std::string name = place_ + "." + std::string(table);
    EXPECT_EQ(PostgresServer::shared().query(
                  "SELECT bool_and(a.attnum = ANY (i.indkey)) FROM pg_index i, pg_attribute a "
                  "WHERE i.indisunique AND i.indrelid = '" +
                  name +
                  "'::regclass "
                  "AND a.attrelid = i.indrelid AND a.attname = '" +
                  std::string(column) + "'"),
              "t")
        << name;
  }
  std::string listed;
  for (const auto& table : placed) listed += (listed.empty() ? "" : ",") + table;
  EXPECT_EQ(PostgresServer::shared().query(
                "SELECT string_agg(c.relname, ',' ORDER BY c.relname COLLATE \"C\") "
                "FROM pg_class c WHERE c.relnamespace = '" +
                place_ +
                "'::regnamespace "
                "AND c.relkind IN ('r', 'p') AND NOT c.relispartition"),
            listed);
}

}  // namespace
}  // namespace msg::test
