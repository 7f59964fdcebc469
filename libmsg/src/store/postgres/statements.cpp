// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/statements.h"

#include <array>

#include "store/postgres/columns.h"
#include "store/postgres/list_statements.h"
#include "store/postgres/spread_statements.h"
#include "store/postgres/statements_scan.h"

namespace msg::postgres {
namespace {

// Whether a Horizon, given as an array with a version per writer, sees a row.
#define MSG_SEEN(horizon) "version <= coalesce((" horizon ")[writer + 1], 0)"

// A put of many rows takes a column per array. Numbers that all rows share come after the arrays.
#define MSG_CONVERSATION_ARRAYS                                                                 \
  "unnest($1::int8[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], " \
  "$8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::bytea[], $14::int8[], "  \
  "$15::bytea[])"

constexpr std::size_t kOthers = kSqlCount - kScans.size();

constexpr std::array<StatementText, kOthers> kStatements{{
    {Sql::begin_read, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    // A statement that comes after a lock sees what was committed before the lock was had.
    {Sql::begin_write, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
    {Sql::commit, "COMMIT"},
    {Sql::rollback, "ROLLBACK"},
    {Sql::is_standby, "SELECT pg_is_in_recovery()"},

    {Sql::last_version, "SELECT coalesce(max(last_version), 0)::int8 FROM writer"},
    {Sql::horizon, "SELECT id, last_version FROM writer"},
    {Sql::find_user, "SELECT " MSG_USER("") " FROM user_account WHERE id = $1::int8"},
    {Sql::find_phone, "SELECT user_id FROM user_phone WHERE phone = $1::text"},
    {Sql::find_username, "SELECT user_id FROM username WHERE username = $1::text"},
    {Sql::list_users, "SELECT " MSG_USER("") " FROM user_account WHERE id > $1::int8 "
                                             "ORDER BY id LIMIT $2::int8"},
    {Sql::find_conversation,
     "SELECT " MSG_CONVERSATION("") " FROM conversation WHERE id = $1::int8"},
    {Sql::find_direct,
     "SELECT conversation_id FROM direct WHERE low = $1::int8 AND high = $2::int8"},
    {Sql::find_member,
     "SELECT " MSG_MEMBER("") " FROM member "
                              "WHERE conversation_id = $1::int8 AND user_id = $2::int8"},
    // The life only where it is asked for: it is a look-up more.
    {Sql::find_participation,
     "SELECT " MSG_CONVERSATION("c.") ", " MSG_MEMBER(
         "m.") ", (SELECT read_receipts FROM user_account WHERE id = $2::int8), "
               "CASE WHEN $3::bool THEN coalesce((SELECT tag FROM life "
               "WHERE life.writer = c.writer AND from_version < c.version "
               "ORDER BY from_version DESC LIMIT 1), 0) ELSE 0 END "
               "FROM conversation c JOIN member m ON m.conversation_id = c.id "
               "WHERE c.id = $1::int8 AND m.user_id = $2::int8"},
    {Sql::find_participations,
     "SELECT k.place, " MSG_CONVERSATION("c.") ", " MSG_MEMBER(
         "m.") ", (SELECT read_receipts FROM user_account WHERE id = $2::int8) "
               "FROM unnest($1::int8[]) WITH ORDINALITY AS k(id, place) "
               "JOIN conversation c ON c.id = k.id "
               "JOIN member m ON m.conversation_id = c.id AND m.user_id = $2::int8"},
    {Sql::list_members,
     "SELECT " MSG_MEMBER("") " FROM member "
                              "WHERE conversation_id = $1::int8 AND user_id > $2::int8 "
                              "ORDER BY user_id LIMIT $3::int8"},
    {Sql::list_members_changed,
     "SELECT " MSG_MEMBER("") " FROM member "
                              "WHERE conversation_id = $1::int8 AND version > $2::int8 "
                              "ORDER BY version, user_id LIMIT $3::int8"},
    {Sql::list_memberships,
     "SELECT user_id, conversation_id, active, version, with_history FROM membership "
     "WHERE user_id = $1::int8 AND conversation_id > $2::int8 "
     "ORDER BY conversation_id LIMIT $3::int8"},
    {Sql::list_standings,
     "SELECT s.user_id, s.conversation_id, s.active, s.version, s.with_history, "
     "s.writer, c.writer, " MSG_CONVERSATION("c.") "," MSG_MEMBER(
         "m.") " FROM membership s "
               "JOIN conversation c ON c.id = s.conversation_id "
               "JOIN member m ON m.conversation_id = s.conversation_id AND m.user_id = s.user_id "
               "WHERE s.user_id = $1::int8 AND s.conversation_id > $2::int8 "
               "ORDER BY s.conversation_id LIMIT $3::int8"},
    {Sql::list_places, kListPlaces},
    {Sql::listed_writers, kListedWriters},
    {Sql::list_news, kListNews},
    // What is seen of a conversation is a prefix of its changes. The newest seen mark and member
    // are found from the newest backwards, past what is not seen; a mark is followed by at most
    // 128 seen messages that have none.
    {Sql::seen_version,
     "SELECT greatest(0, "
     "(SELECT version FROM member WHERE conversation_id = $1::int8 AND " MSG_SEEN(
         "$2::int8[]") " ORDER BY version DESC LIMIT 1), "
                       "(SELECT version FROM message_change WHERE conversation_id = $1::int8 "
                       "AND " MSG_SEEN(
                           "$2::int8[]") " ORDER BY version DESC LIMIT 1), "
                                         "(SELECT max(version) FROM message WHERE conversation_id "
                                         "= $1::int8 AND seq "
                                         ">= mark.seq "
                                         "AND seq < mark.seq + 129 AND " MSG_SEEN(
                                             "$2::int8[]") "))::int8 "
                                                           "FROM (SELECT coalesce((SELECT seq FROM "
                                                           "time_mark WHERE "
                                                           "conversation_id = $1::int8 "
                                                           "AND " MSG_SEEN(
                                                               "$2::int8[]") " ORDER BY version "
                                                                             "DESC LIMIT 1), 0) AS "
                                                                             "seq OFFSET 0) AS "
                                                                             "mark"},
    {Sql::find_message,
     "SELECT " MSG_MESSAGE("") " FROM message "
                               "WHERE conversation_id = $1::int8 AND seq = $2::int8"},
    {Sql::find_messages,
     "SELECT k.place, " MSG_MESSAGE(
         "m.") " FROM unnest($1::int8[], $2::int8[]) "
               "WITH ORDINALITY AS k(conversation_id, seq, place) "
               "JOIN message m ON m.conversation_id = k.conversation_id AND m.seq = k.seq"},
    {Sql::list_messages_oldest_first,
     "SELECT " MSG_MESSAGE("") " FROM message WHERE conversation_id = $1::int8 "
                               "AND seq BETWEEN $2::int8 AND $3::int8 ORDER BY seq LIMIT $4::int8"},
    {Sql::list_messages_newest_first,
     "SELECT " MSG_MESSAGE(
         "") " FROM message WHERE conversation_id = $1::int8 "
             "AND seq BETWEEN $2::int8 AND $3::int8 ORDER BY seq DESC LIMIT $4::int8"},
    // The message of the mark is not above the version, that of the next mark is: the answer lies
    // between, or, without a next mark, there are fewer than an interval of messages left.
    {Sql::find_seq_after,
     "SELECT seq FROM message WHERE conversation_id = $1::int8 AND seq > coalesce("
     "(SELECT seq FROM time_mark WHERE conversation_id = $1::int8 AND version <= $2::int8 "
     "ORDER BY version DESC LIMIT 1), 0) AND version > $2::int8 ORDER BY seq LIMIT 1"},
    {Sql::find_idempotency,
     "SELECT request_hash, seq FROM idempotency WHERE conversation_id = $1::int8 "
     "AND sender = $2::int8 AND client_id = $3::text"},
    {Sql::list_message_changes,
     "SELECT version, seq FROM message_change WHERE conversation_id = $1::int8 "
     "AND version > $2::int8 ORDER BY version LIMIT $3::int8"},
    {Sql::find_revisions,
     "SELECT conversation_id, seq, revisions FROM revision "
     "WHERE conversation_id = $1::int8 AND seq = $2::int8"},
    {Sql::find_annotations,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE conversation_id = $1::int8 AND seq = ANY ($2::int8[]) AND user_id = $3::int8"},
    {Sql::list_annotations,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE conversation_id = $1::int8 AND seq = $2::int8 AND user_id > $3::int8 "
     "ORDER BY user_id LIMIT $4::int8"},
    {Sql::find_life,
     "SELECT writer, from_version, tag FROM life WHERE writer = $1::int8 "
     "AND from_version < $2::int8 ORDER BY from_version DESC LIMIT 1"},
    {Sql::list_life_tags,
     "SELECT k.place, l.tag FROM unnest($1::int8[], $2::int8[]) "
     "WITH ORDINALITY AS k(writer, version, place), LATERAL (SELECT tag FROM life "
     "WHERE life.writer = k.writer AND from_version < k.version "
     "ORDER BY from_version DESC LIMIT 1) l"},
    {Sql::list_lives, "SELECT writer, from_version, tag FROM life"},
    {Sql::find_session,
     "SELECT s.id, s.user_id, s.device_name, s.created_at, s.last_seen_at FROM session_token t "
     "JOIN session s ON s.user_id = t.user_id AND s.id = t.session_id "
     "WHERE t.token_hash = $1::bytea"},
    {Sql::list_sessions,
     "SELECT id, user_id, device_name, created_at, last_seen_at FROM session "
     "WHERE user_id = $1::int8 ORDER BY id"},
    {Sql::find_api_key,
     "SELECT id, name, created_at, scopes FROM api_key WHERE secret_hash = $1::bytea"},
    {Sql::list_api_keys, "SELECT id, name, created_at, scopes FROM api_key ORDER BY id"},

    {Sql::find_side_record, "SELECT " MSG_SIDE_RECORD " FROM side_record "
                            "WHERE kind = $1::int8 AND owner = $2::int8 AND key = $3::bytea"},
    {Sql::list_side_records,
     "SELECT " MSG_SIDE_RECORD " FROM side_record WHERE kind = $1::int8 AND owner = $2::int8 "
     "AND key > $3::bytea ORDER BY key LIMIT $4::int8"},

    // Here come those of statements_scan.h.
    {Sql::import_state, "SELECT state FROM import_state"},

    {Sql::await_commits, kAwaitCommits},
    {Sql::announce_commit, kAnnounceCommit},
    {Sql::touch_shards, kTouchShards},
    {Sql::lock_spread_conversations, kLockSpreadConversations},
    {Sql::lock_writer, "SELECT last_version FROM writer WHERE id = $1::int8 FOR NO KEY UPDATE"},
    {Sql::check_lease, "SELECT node FROM node_lease WHERE node = $1::int8 AND holder = $2::int8"},
    {Sql::lock_conversations,
     "SELECT " MSG_CONVERSATION("") " FROM conversation WHERE id = ANY ($1::int8[]) "
                                    "ORDER BY id FOR NO KEY UPDATE"},
    {Sql::lock_user, "SELECT " MSG_USER("") " FROM user_account WHERE id = $1::int8 "
                                            "FOR NO KEY UPDATE"},
    // Also for records that are not there yet.
    {Sql::lock_side_records, "SELECT pg_advisory_xact_lock(hashint8extended($2::int8, $1::int8))"},
    {Sql::load_users, "SELECT " MSG_USER("") " FROM user_account WHERE id = ANY ($1::int8[])"},
    {Sql::load_members,
     "SELECT " MSG_MEMBER("m.") " FROM unnest($1::int8[], $2::int8[]) AS k(conversation_id, "
                                "user_id) JOIN member m USING (conversation_id, user_id)"},
    {Sql::load_senders, "SELECT " MSG_MEMBER("") " FROM member WHERE conversation_id = $1::int8 "
                                                 "AND user_id = ANY ($2::int8[])"},
    {Sql::load_idempotency,
     "SELECT i.request_hash, i.seq, i.sender, " MSG_MESSAGE(
         "m.") " FROM unnest($1::int8[], $2::int8[], $3::text[]) AS k(conversation_id, sender, "
               "client_id) "
               "JOIN idempotency i USING (conversation_id, sender, client_id) "
               "JOIN message m ON m.conversation_id = i.conversation_id AND m.seq = i.seq"},

    {Sql::put_last_version, kPutLastVersion},
    {Sql::insert_list_change, kInsertListChange},
    {Sql::erase_list_changes, kEraseListChanges},
    // An insert where two writers may make the same: the second fails, and looks again.
    {Sql::insert_user,
     "INSERT INTO user_account (" MSG_USER(
         "") ") VALUES ($1::int8, $2::text, "
             "$3::text, $4::text, $5::text, $6::text, $7::int8, $8::int8, $9::bool, $10::text, "
             "$11::int8)"},
    {Sql::put_user,
     "UPDATE user_account SET phone = $2::text, username = $3::text, display_name = $4::text, "
     "about = $5::text, avatar = $6::text, created_at = $7::int8, updated_at = $8::int8, "
     "read_receipts = $9::bool, presence_to = $10::text, last_seen = $11::int8 "
     "WHERE id = $1::int8"},
    {Sql::insert_phone, "INSERT INTO user_phone (phone, user_id) VALUES ($1::text, $2::int8)"},
    {Sql::erase_phone, "DELETE FROM user_phone WHERE phone = $1::text AND user_id = $2::int8"},
    {Sql::insert_username, "INSERT INTO username (username, user_id) VALUES ($1::text, $2::int8)"},
    {Sql::erase_username, "DELETE FROM username WHERE username = $1::text AND user_id = $2::int8"},
    {Sql::insert_conversations, "INSERT INTO conversation (" MSG_CONVERSATION(
                                    "") ", writer) "
                                        "SELECT *, $16::int8 FROM " MSG_CONVERSATION_ARRAYS},
    {Sql::put_conversations,
     "INSERT INTO conversation (" MSG_CONVERSATION(
         "") ", writer) "
             "SELECT *, $16::int8 FROM " MSG_CONVERSATION_ARRAYS " ON CONFLICT (id) DO UPDATE SET "
             "title = excluded.title, last_seq = excluded.last_seq, activity = excluded.activity, "
             "member_count = excluded.member_count, owner_count = excluded.owner_count, "
             "version = excluded.version, senders = excluded.senders, writer = excluded.writer, "
             "changes = excluded.changes, pins = excluded.pins"},
    {Sql::insert_direct,
     "INSERT INTO direct (low, high, conversation_id) "
     "VALUES ($1::int8, $2::int8, $3::int8)"},
    // A member's record also changes without a version, when its count leaves the head: that is
    // nobody's news.
    {Sql::put_members,
     "INSERT INTO member (" MSG_MEMBER(
         "") ", writer) SELECT *, $17::int8 FROM "
             "unnest($1::int8[], $2::int8[], $3::text[], $4::bool[], $5::int8[], $6::int8[], "
             "$7::int8[], "
             "$8::int8[], $9::bytea[], $10::bytea[], $11::int8[], $12::int8[], $13::int8[], "
             "$14::int8[], $15::bytea[], $16::bytea[]) "
             "ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role, "
             "active = excluded.active, visible_from = excluded.visible_from, "
             "visible_until = excluded.visible_until, delivered = excluded.delivered, "
             "read = excluded.read, delivered_runs = excluded.delivered_runs, "
             "read_runs = excluded.read_runs, sent_count = excluded.sent_count, "
             "sent_count_at_read = excluded.sent_count_at_read, joined_at = excluded.joined_at, "
             "version = excluded.version, extras = excluded.extras, own = excluded.own, "
             "writer = CASE WHEN member.version = excluded.version THEN member.writer "
             "ELSE excluded.writer END"},
    {Sql::put_memberships,
     "INSERT INTO membership (user_id, conversation_id, active, version, with_history, writer) "
     "SELECT *, $6::int8 FROM unnest($1::int8[], $2::int8[], $3::bool[], $4::int8[], $5::bool[]) "
     "ON CONFLICT (user_id, conversation_id) DO UPDATE SET active = excluded.active, "
     "version = excluded.version, with_history = excluded.with_history, "
     "writer = excluded.writer"},
    {Sql::append_messages, "INSERT INTO message (" MSG_NEW_MESSAGE(
                               "") ", writer) SELECT *, $12::int8 FROM "
                                   "unnest($1::int8[], $2::int8[], $3::int8[], "
                                   "$4::int8[], $5::text[], $6::int8[], $7::int8[], "
                                   "$8::int8[], $9::bool[], $10::text[], $11::text[])"},
    {Sql::append_idempotency,
     "INSERT INTO idempotency (conversation_id, sender, client_id, request_hash, seq) "
     "SELECT * FROM unnest($1::int8[], $2::int8[], $3::text[], $4::bytea[], $5::int8[])"},
    {Sql::append_time_marks,
     "INSERT INTO time_mark (conversation_id, version, seq, writer) "
     "SELECT *, $4::int8 FROM unnest($1::int8[], $2::int8[], $3::int8[])"},
    {Sql::put_message,
     "UPDATE message SET reply_to = $3::int8, timestamp = $4::int8, edited_at = $5::int8, "
     "deleted = $6::bool, content = $7::text, changed = $8::int8, extras = $9::bytea "
     "WHERE conversation_id = $1::int8 AND seq = $2::int8"},
    // Rows of an array of one: see kTouchShards. Each commit that changes a message has one of
    // these.
    {Sql::put_message_change,
     "INSERT INTO message_change (conversation_id, version, seq, writer) "
     "SELECT * FROM unnest(ARRAY[$1::int8], ARRAY[$2::int8], ARRAY[$3::int8], ARRAY[$4::int8])"},
    {Sql::erase_message_change,
     "DELETE FROM message_change WHERE conversation_id = $1::int8 AND version = $2::int8"},
    {Sql::put_revisions,
     "INSERT INTO revision (conversation_id, seq, revisions) "
     "VALUES ($1::int8, $2::int8, $3::bytea) "
     "ON CONFLICT (conversation_id, seq) DO UPDATE SET revisions = excluded.revisions"},
    {Sql::put_annotation,
     "INSERT INTO annotation (conversation_id, seq, user_id, annotation) SELECT * FROM "
     "unnest(ARRAY[$1::int8], ARRAY[$2::int8], ARRAY[$3::int8], ARRAY[$4::bytea]) "
     "ON CONFLICT (conversation_id, seq, user_id) DO UPDATE SET annotation = excluded.annotation"},
    {Sql::erase_annotation,
     "DELETE FROM annotation WHERE conversation_id = $1::int8 AND seq = $2::int8 "
     "AND user_id = $3::int8"},
    {Sql::forget_request,
     "UPDATE idempotency SET request_hash = $4::bytea WHERE conversation_id = $1::int8 "
     "AND sender = $2::int8 AND client_id = $3::text"},
    {Sql::insert_session,
     "INSERT INTO session (user_id, id, token_hash, device_name, created_at, last_seen_at) "
     "VALUES ($1::int8, $2::int8, $3::bytea, $4::text, $5::int8, $6::int8)"},
    {Sql::put_last_seen,
     "UPDATE session SET last_seen_at = $3::int8 WHERE user_id = $1::int8 AND id = $2::int8"},
    {Sql::put_device_name,
     "UPDATE session SET device_name = $3::text WHERE user_id = $1::int8 AND id = $2::int8"},
    {Sql::put_life,
     "INSERT INTO life (writer, from_version, tag) VALUES ($1::int8, $2::int8, $3::int8) "
     "ON CONFLICT (writer, from_version) DO UPDATE SET tag = excluded.tag"},
    {Sql::insert_session_token,
     "INSERT INTO session_token (token_hash, user_id, session_id) "
     "VALUES ($1::bytea, $2::int8, $3::int8)"},
    {Sql::erase_session_token,
     "DELETE FROM session_token WHERE token_hash = "
     "(SELECT token_hash FROM session WHERE user_id = $1::int8 AND id = $2::int8)"},
    {Sql::erase_session, "DELETE FROM session WHERE user_id = $1::int8 AND id = $2::int8"},
    {Sql::insert_api_key,
     "INSERT INTO api_key (id, secret_hash, name, created_at, scopes) "
     "VALUES ($1::int8, $2::bytea, $3::text, $4::int8, $5::int8)"},
    {Sql::erase_api_key, "DELETE FROM api_key WHERE id = $1::int8"},
    {Sql::put_side_record,
     "INSERT INTO side_record (" MSG_SIDE_RECORD ") "
     "VALUES ($1::int8, $2::int8, $3::bytea, $4::int8, $5::bytea) "
     "ON CONFLICT (kind, owner, key) DO UPDATE SET expires_at = excluded.expires_at, "
     "value = excluded.value"},
    {Sql::erase_side_record,
     "DELETE FROM side_record WHERE kind = $1::int8 AND owner = $2::int8 "
     "AND key = $3::bytea"},
    {Sql::erase_expired,
     "WITH expired AS (SELECT kind, owner, key FROM side_record WHERE expires_at <= $1::int8 "
     "ORDER BY expires_at LIMIT $2::int8 FOR UPDATE SKIP LOCKED), "
     "erased AS (DELETE FROM side_record s USING expired e WHERE s.kind = e.kind "
     "AND s.owner = e.owner AND s.key = e.key RETURNING 1) SELECT count(*) FROM erased"},

    {Sql::put_import_state,
     "INSERT INTO import_state (id, state) VALUES (1, $1::bytea) "
     "ON CONFLICT (id) DO UPDATE SET state = excluded.state"},
    {Sql::erase_import_state, "DELETE FROM import_state"},
    {Sql::put_identity, "UPDATE meta SET epoch = $1::int8, cursor_secret = $2::bytea"},
    {Sql::erase_writers, "DELETE FROM writer"},
    {Sql::put_writer, "INSERT INTO writer (id, last_version) VALUES ($1::int8, $2::int8)"},
}};

/// The scans are in one place of the enum.
constexpr std::size_t kFirstScan = static_cast<std::size_t>(Sql::scan_users);

constexpr const StatementText& entry(std::size_t number) {
  if (number < kFirstScan) return kStatements.at(number);
  const std::size_t scan = number - kFirstScan;
  return scan < kScans.size() ? kScans.at(scan) : kStatements.at(number - kScans.size());
}

consteval bool in_order() {
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    if (static_cast<std::size_t>(entry(i).id) != i || entry(i).text == nullptr) return false;
  }
  return true;
}
static_assert(in_order(), "statements.h and the texts list the same statements in order");

}  // namespace

const char* text_of(Sql statement) {
  return entry(static_cast<std::size_t>(statement)).text;
}

}  // namespace msg::postgres
