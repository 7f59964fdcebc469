// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "msg/maintenance.h"
#include "store/postgres/migrate.h"
#include "store/postgres/placement.h"
#include "store/postgres/pool.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres/schema.h"

namespace msg {
namespace postgres {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string describe_steps(std::int64_t present, const std::vector<Migration>& all) {
  std::string text = "Schema: number " + std::to_string(present) + " is there, this program has " +
                     std::to_string(all.size()) + ".\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_there = static_cast<std::int64_t>(i) < present;
    text += padded("  " + std::to_string(i + 1), 6) + (is_there ? "there   " : "to run  ");
    text += all[i].what;
    text += "\n";
  }
  return text;
}

std::string describe_places() {
  std::string text = "\nSpread over the machines of a Citus by conversation_id:\n";
  for (const auto& [table, column, why] : placements()) {
    text += padded("  " + std::string(table), 18);
    text += padded(column.empty() ? "coordinator" : "by " + std::string(column), 20);
    text += why;
    text += "\n";
  }
  return text;
}

/// Those of one reach, copies and checks left out.
std::vector<std::string_view> hot_statements(Reach reach) {
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    const auto statement = static_cast<Sql>(i);
    if (is_scan(statement)) continue;
    const std::string_view text = text_of(statement);
    if (reach_of(text) == reach) texts.push_back(text);
  }
  return texts;
}

std::string describe_statements(Reach reach, std::string_view what) {
  constexpr std::size_t kWidth = 100;
  const auto texts = hot_statements(reach);
  std::string text = "  " + std::to_string(texts.size()) + " " + std::string(what) + "\n";
  if (reach == Reach::coordinator) return text;
  for (const std::string_view sql : texts) {
    text += "    " + std::string(sql.substr(0, kWidth)) + (sql.size() > kWidth ? "…\n" : "\n");
  }
  return text;
}

std::string describe_reaches() {
  return "\nWhom the statements of sending, reading and sync ask then:\n" +
         describe_statements(Reach::coordinator, "the coordinator alone") +
         describe_statements(Reach::one_shard,
                             "one shard: they hold conversation_id to one value") +
         describe_statements(Reach::named_shards,
                             "the shards of the conversations that one commit or page names, NOT "
                             "always one:") +
         describe_statements(Reach::mixed, "a shard AND the coordinator, NOT one shard alone:") +
         describe_statements(Reach::all_shards, "ALL shards:") +
         "  Beside these, msgctl copy and msgctl check read whole tables from all shards.\n"
         "  A commit of a new message locks and writes on the coordinator, too, and is a commit in "
         "two phases.\n";
}

std::string describe_spreading(bool has_citus) {
  std::string text = "\nTo spread a store, with the extension citus (which this database has";
  text += has_citus ? "" : " NOT";
  text += ") and every msgd stopped:\n";
  for (const std::string& sql : spreading_statements()) text += "  " + sql + ";\n";
  return text;
}

}  // namespace
}  // namespace postgres

Result<std::string> plan_schema(std::string_view url) {
  if (!is_postgres_url(url)) {
    return fail(Code::invalid_argument,
                "Only a PostgreSQL has a plan: an embedded store is migrated by who opens it.",
                "url");
  }
  MSG_TRY(auto settings, postgres::parse_url(url));
  postgres::Connector connector(std::move(settings));
  MSG_TRY(const auto connection, connector.connect());
  MSG_TRY(const std::int64_t present, postgres::schema_number(*connection));
  MSG_TRY(const auto citus,
          connection->execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'",
                              std::chrono::seconds(10)));
  return postgres::describe_steps(present, postgres::migrations(connector.settings().partitions)) +
         postgres::describe_places() + postgres::describe_reaches() +
         postgres::describe_spreading(!citus.empty());
}

}  // namespace msg
