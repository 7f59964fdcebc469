// SPDX-License-Identifier: Apache-2.0
// What a PostgresSnapshot knows of lists of conversations.
#include <algorithm>

#include "store/postgres/postgres_rows.h"
#include "store/postgres/postgres_snapshot.h"

namespace msg::postgres {
namespace {

/// Whoever missed more commits than these reads its lists anew.
constexpr int kCommitsMax = 256;

/// Whether list_change has all that was committed since.
bool tells_all(const Rows& writers, const Horizon& since) {
  for (int row = 0; row < writers.size(); ++row) {
    const Version from = since.up_to.at(static_cast<std::size_t>(writers.integer(row, 0)));
    if (Version{writers.integer(row, 1)} <= from) continue;
    if (writers.is_null(row, 2) || Version{writers.integer(row, 2)} > from) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<ListPlace>> PostgresSnapshot::list_places(UserId user, ConversationId after,
                                                             int limit) {
  MSG_TRY(const Rows rows, query(Sql::list_places, Params(user, after, std::max(limit, 0))));
  std::vector<ListPlace> places;
  places.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    places.push_back({Version{rows.integer(row, 0)}, ConversationId{rows.integer(row, 1)}});
  }
  return places;
}

Result<std::optional<ListNews>> PostgresSnapshot::list_news(const Horizon& since) {
  ListNews news;
  MSG_TRY(const Rows writers, query(Sql::listed_writers, {}));
  MSG_TRY(news.up_to, read_horizon(writers));
  if (!tells_all(writers, since)) return std::nullopt;
  MSG_TRY(const Rows rows, query(Sql::list_news, Params(horizon_column(since), kCommitsMax)));
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.is_null(row, 0)) {
      if (rows.integer(row, 1) == kCommitsMax) return std::nullopt;
    } else if (rows.is_null(row, 1)) {
      news.users.push_back(UserId{rows.integer(row, 0)});
    } else {
      news.places.push_back({.activity = Version{rows.integer(row, 1)},
                             .conversation = ConversationId{rows.integer(row, 0)}});
    }
  }
  return news;
}

Result<std::vector<std::optional<Participation>>> PostgresSnapshot::find_participations(
    std::span<const ConversationId> ids, UserId user) {
  std::vector<std::optional<Participation>> found(ids.size());
  if (ids.empty()) return found;
  Column conversations(Column::Type::int8);
  for (const ConversationId id : ids) conversations.add(id);
  MSG_TRY(const Rows rows, query(Sql::find_participations, Params(conversations, user)));
  for (int row = 0; row < rows.size(); ++row) {
    Columns columns(rows, row);
    const auto place = static_cast<std::size_t>(columns.integer());
    MSG_TRY(found.at(place - 1), read_participation(columns));
  }
  return found;
}

}  // namespace msg::postgres
