// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/placement.h"

#include <algorithm>
#include <array>

namespace msg::postgres {
namespace {

constexpr std::string_view kById = "conversation_id";
constexpr std::string_view kBeside = "beside its messages";
constexpr std::string_view kHead =
    "its row lock orders a conversation; a commit locks several at once, which no Citus does over "
    "shards";
constexpr std::string_view kOfUser = "joined with conversations of any shard, for a user's list";
constexpr std::string_view kByManyKeys = "small, and found by several keys";
constexpr std::string_view kFew = "few rows, which every commit or sync reads";

constexpr std::array<Placement, 24> kPlacements{{
    {"message", kById, "nearly all bytes; always of one conversation"},
    {"idempotency", kById, kBeside},
    {"time_mark", kById, kBeside},
    {"message_change", kById, kBeside},
    {"revision", kById, kBeside},
    {"annotation", kById, kBeside},
    {"conversation", "", kHead},
    {"member", "", kOfUser},
    {"membership", "", kOfUser},
    {"direct", "", kByManyKeys},
    {"user_account", "", kByManyKeys},
    {"user_phone", "", kByManyKeys},
    {"username", "", kByManyKeys},
    {"session", "", kByManyKeys},
    {"session_token", "", kByManyKeys},
    {"side_record", "", kByManyKeys},
    {"api_key", "", kFew},
    {"writer", "", kFew},
    {"list_change", "", kFew},
    {"life", "", kFew},
    {"node_lease", "", kFew},
    {"meta", "", kFew},
    {"import_state", "", kFew},
    {"schema_number", "", kFew},
}};

using Tokens = std::vector<std::string_view>;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '$';
}

/// Words with their dots, and single signs; no text in quotes, no casts.
Tokens tokens_of(std::string_view sql) {
  Tokens tokens;
  for (std::size_t i = 0; i < sql.size();) {
    std::size_t end = i;
    while (end < sql.size() && is_word(sql[end])) ++end;
    if (end > i) {
      tokens.push_back(sql.substr(i, end - i));
    } else if (sql[i] == '\'') {
      end = std::min(sql.find('\'', i + 1), sql.size() - 1) + 1;
    } else if (sql.substr(i, 2) == "::") {
      end = i + 2;
      while (end < sql.size() && (is_word(sql[end]) || sql[end] == '[' || sql[end] == ']')) ++end;
    } else {
      end = i + 1;
      if (sql[i] != ' ') tokens.push_back(sql.substr(i, 1));
    }
    i = end;
  }
  return tokens;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view at(const Tokens& tokens, std::size_t i) {
  return i < tokens.size() ? tokens[i] : std::string_view();
}

bool is_join_by(const Tokens& tokens, std::string_view column) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] != "USING" || at(tokens, i + 1) != "(") continue;
    for (i += 2; i < tokens.size() && tokens[i] != ")"; ++i) {
      if (tokens[i] == column) return true;
    }
  }
  return false;
}

/// Of a table that is named at `i`.
Reach reach_at(const Tokens& tokens, std::size_t i, const Placement& table) {
  if (tokens[i - 1] == "INTO") {
    const bool is_one = std::ranges::find(tokens, "VALUES") != tokens.end();
    return is_one ? Reach::one_shard : Reach::named_shards;
  }
  std::size_t next = i + 1;
  if (at(tokens, next) == "AS") ++next;
  const std::string alias(at(tokens, next));
  const std::array<std::string, 3> spellings{
      std::string(table.column), alias + "." + std::string(table.column),
      std::string(table.table) + "." + std::string(table.column)};
  Reach reach = is_join_by(tokens, table.column) ? Reach::named_shards : Reach::all_shards;
  for (std::size_t j = 0; j < tokens.size(); ++j) {
    if (std::ranges::find(spellings, tokens[j]) == spellings.end()) continue;
    const std::string_view right = at(tokens, j + 1) == "=" ? at(tokens, j + 2) : "";
    const std::string_view left = j > 1 && tokens[j - 1] == "=" ? tokens[j - 2] : "";
    if (right.starts_with("$")) return Reach::one_shard;
    const bool is_named = right == "ANY" || right.find('.') != std::string_view::npos ||
                          left.find('.') != std::string_view::npos;
    if (is_named) reach = Reach::named_shards;
  }
  return reach;
}

}  // namespace

std::span<const Placement> placements() {
  return kPlacements;
}

std::vector<std::string> spreading_statements() {
  const std::string first(placements().front().table);
  std::vector<std::string> statements;
  for (const auto& [table, column, why] : placements()) {
    if (column.empty()) continue;
    std::string& sql = statements.emplace_back("SELECT create_distributed_table('");
    sql += table;
    sql += "', '";
    sql += column;
    sql += "'";
    if (table != first) sql += ", colocate_with => '" + first + "'";
    sql += ")";
  }
  return statements;
}

Reach reach_of(std::string_view sql) {
  const Tokens tokens = tokens_of(sql);
  Reach reach = Reach::coordinator;
  bool asks_coordinator = false;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (!is_one_of(tokens[i - 1], {"FROM", "JOIN", "INTO", "UPDATE", "USING"})) continue;
    const auto table = std::ranges::find(kPlacements, tokens[i], &Placement::table);
    if (table == kPlacements.end()) continue;
    if (table->column.empty()) {
      asks_coordinator = true;
    } else {
      reach = std::max(reach, reach_at(tokens, i, *table));
    }
  }
  if (asks_coordinator && reach != Reach::coordinator) reach = std::max(reach, Reach::mixed);
  return reach;
}

}  // namespace msg::postgres
