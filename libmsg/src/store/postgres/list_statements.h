// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Texts for statements.cpp about list_change: see schema.cpp, list_log.h.
namespace msg::postgres {

inline constexpr const char* kListPlaces =
    "SELECT c.activity, c.id FROM membership s JOIN conversation c ON c.id = s.conversation_id "
    "WHERE s.user_id = $1::int8 AND s.conversation_id > $2::int8 AND s.active "
    "ORDER BY s.conversation_id LIMIT $3::int8";

/// Rows of (id, last version, from where list_change tells everything of the writer); the last is
/// NULL when it does not tell the newest.
inline constexpr const char* kListedWriters =
    "SELECT id, last_version, CASE WHEN listed_to = last_version THEN listed_from END FROM writer";

/// After a version of each writer: a row of (NULL, how many commits), at most $2, then
/// (conversation, activity) and (user, NULL).
inline constexpr const char* kListNews =
    "WITH news AS MATERIALIZED (SELECT c.conversations, c.users FROM unnest($1::int8[]) "
    "WITH ORDINALITY AS s(version, place), LATERAL (SELECT conversations, users FROM list_change "
    "WHERE list_change.writer = s.place - 1 AND list_change.version > s.version) c "
    "LIMIT $2::int8) SELECT NULL::int8, count(*) FROM news "
    "UNION ALL SELECT c.id, c.activity FROM (SELECT DISTINCT unnest(conversations) AS id "
    "FROM news) k, LATERAL (SELECT id, activity FROM conversation WHERE conversation.id = k.id) c "
    "UNION ALL (SELECT DISTINCT unnest(users), NULL::int8 FROM news)";

/// $3: list_change tells nothing up to there any more. Nor does it tell what somebody committed who
/// keeps none, and left listed_to behind.
inline constexpr const char* kPutLastVersion =
    "UPDATE writer SET last_version = greatest(last_version, $2::int8), "
    "listed_to = greatest(last_version, $2::int8), listed_from = greatest($3::int8, "
    "CASE WHEN listed_to = last_version THEN listed_from ELSE last_version END) "
    "WHERE id = $1::int8";

inline constexpr const char* kInsertListChange =
    "INSERT INTO list_change (writer, version, conversations, users) "
    "VALUES ($1::int8, $2::int8, $3::int8[], $4::int8[])";

inline constexpr const char* kEraseListChanges =
    "DELETE FROM list_change WHERE writer = $1::int8 AND version <= $2::int8";

}  // namespace msg::postgres
