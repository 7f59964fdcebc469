// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/statements.h"

#include <array>

namespace msg::sqlite {
namespace {

struct Entry {
  Sql id;
  const char* text;
};

// Column lists that sqlite_rows.cpp reads, in its order; t is the alias of the table.
#define MSG_USER                                                               \
  "id, phone, username, display_name, about, avatar, created_at, updated_at, " \
  "read_receipts, presence_to, last_seen"
#define MSG_CONVERSATION_OF(t)                                                                    \
  t "id," t "kind," t "title," t "direct_low," t "direct_high," t "created_by," t "created_at," t \
    "last_seq," t "activity," t "member_count," t "owner_count," t "version," t "senders," t      \
    "changes," t "pins"
#define MSG_MEMBER_OF(t)                                                                         \
  t "conversation_id," t "user_id," t "role," t "active," t "visible_from," t "visible_until," t \
    "delivered," t "\"read\"," t "delivered_runs," t "read_runs," t "sent_count," t              \
    "sent_count_at_read," t "joined_at," t "version," t "extras," t "own"
#define MSG_MEMBERSHIP_OF(t) \
  t "user_id," t "conversation_id," t "active," t "version," t "with_history"
#define MSG_CONVERSATION MSG_CONVERSATION_OF("")
#define MSG_MEMBER MSG_MEMBER_OF("")
#define MSG_MEMBERSHIP MSG_MEMBERSHIP_OF("")
#define MSG_NEW_MESSAGE                                                           \
  "conversation_id, seq, version, sender, kind, reply_to, timestamp, edited_at, " \
  "deleted, client_id, content"
#define MSG_MESSAGE MSG_NEW_MESSAGE ", changed, extras"

#define MSG_SIDE_RECORD "kind, owner, key, expires_at, value"

// A put is a REPLACE: where a table has one index SQLite overwrites the row in place. An append is
// an INSERT: a second message with one seq would be a lost message, so it fails instead.
constexpr std::array<Entry, kSqlCount> kStatements{{
    {Sql::begin_read, "BEGIN"},
    {Sql::begin_write, "BEGIN IMMEDIATE"},
    {Sql::commit, "COMMIT"},
    {Sql::rollback, "ROLLBACK"},

    {Sql::identity, "SELECT epoch, cursor_secret FROM meta WHERE id = 1"},
    {Sql::last_version, "SELECT last_version FROM meta WHERE id = 1"},
    {Sql::find_user, "SELECT " MSG_USER " FROM user_account WHERE id = ?1"},
    {Sql::find_phone, "SELECT user_id FROM user_phone WHERE phone = ?1"},
    {Sql::find_username, "SELECT user_id FROM username WHERE username = ?1"},
    {Sql::list_users, "SELECT " MSG_USER " FROM user_account WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {Sql::find_conversation, "SELECT " MSG_CONVERSATION " FROM conversation WHERE id = ?1"},
    {Sql::find_direct, "SELECT conversation_id FROM direct WHERE low = ?1 AND high = ?2"},
    {Sql::find_member,
     "SELECT " MSG_MEMBER " FROM member WHERE conversation_id = ?1 AND user_id = ?2"},
    {Sql::list_members,
     "SELECT " MSG_MEMBER " FROM member WHERE conversation_id = ?1 AND user_id > ?2 "
     "ORDER BY user_id LIMIT ?3"},
    {Sql::list_members_changed,
     "SELECT " MSG_MEMBER " FROM member WHERE conversation_id = ?1 AND version > ?2 "
     "ORDER BY version, user_id LIMIT ?3"},
    {Sql::list_memberships,
     "SELECT " MSG_MEMBERSHIP " FROM membership "
     "WHERE user_id = ?1 AND conversation_id > ?2 ORDER BY conversation_id LIMIT ?3"},
    // LEFT: a row that is missing is found missing.
    {Sql::list_standings,
     "SELECT " MSG_MEMBERSHIP_OF("s.") "," MSG_CONVERSATION_OF("c.") "," MSG_MEMBER_OF(
         "m.") " FROM membership s LEFT JOIN conversation c ON c.id = s.conversation_id "
               "LEFT JOIN member m ON m.conversation_id = s.conversation_id AND m.user_id = "
               "s.user_id "
               "WHERE s.user_id = ?1 AND s.conversation_id > ?2 ORDER BY s.conversation_id LIMIT "
               "?3"},
    {Sql::list_places,
     "SELECT c.activity, s.conversation_id FROM membership s "
     "LEFT JOIN conversation c ON c.id = s.conversation_id "
     "WHERE s.user_id = ?1 AND s.conversation_id > ?2 AND s.active = 1 "
     "ORDER BY s.conversation_id LIMIT ?3"},
    {Sql::find_message,
     "SELECT " MSG_MESSAGE " FROM message WHERE conversation_id = ?1 AND seq = ?2"},
    {Sql::list_messages_oldest_first,
     "SELECT " MSG_MESSAGE " FROM message WHERE conversation_id = ?1 "
     "AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT ?4"},
    {Sql::list_messages_newest_first,
     "SELECT " MSG_MESSAGE " FROM message WHERE conversation_id = ?1 "
     "AND seq BETWEEN ?2 AND ?3 ORDER BY seq DESC LIMIT ?4"},
    {Sql::find_time_mark,
     "SELECT seq FROM time_mark WHERE conversation_id = ?1 AND version <= ?2 "
     "ORDER BY version DESC LIMIT 1"},
    {Sql::find_seq_above,
     "SELECT seq FROM message WHERE conversation_id = ?1 AND seq BETWEEN ?2 AND ?3 "
     "AND version > ?4 ORDER BY seq LIMIT 1"},
    {Sql::find_idempotency,
     "SELECT request_hash, seq FROM idempotency "
     "WHERE conversation_id = ?1 AND sender = ?2 AND client_id = ?3"},
    {Sql::list_message_changes,
     "SELECT version, seq FROM message_change WHERE conversation_id = ?1 AND version > ?2 "
     "ORDER BY version LIMIT ?3"},
    {Sql::find_revisions,
     "SELECT conversation_id, seq, revisions FROM revision WHERE conversation_id = ?1 AND seq = "
     "?2"},
    {Sql::find_annotation,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE conversation_id = ?1 AND seq = ?2 AND user_id = ?3"},
    {Sql::list_annotations,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE conversation_id = ?1 AND seq = ?2 AND user_id > ?3 ORDER BY user_id LIMIT ?4"},
    {Sql::find_life,
     "SELECT writer, from_version, tag FROM life WHERE writer = ?1 AND from_version < ?2 "
     "ORDER BY from_version DESC LIMIT 1"},
    {Sql::list_lives, "SELECT writer, from_version, tag FROM life"},
    {Sql::find_session,
     "SELECT session.id, session.user_id, device_name, created_at, last_seen_at FROM session_token "
     "JOIN session ON session.user_id = session_token.user_id AND session.id = session_id "
     "WHERE session_token.token_hash = ?1"},
    {Sql::list_sessions,
     "SELECT id, user_id, device_name, created_at, last_seen_at FROM session "
     "WHERE user_id = ?1 ORDER BY id"},
    {Sql::find_api_key, "SELECT id, name, created_at, scopes FROM api_key WHERE secret_hash = ?1"},
    {Sql::list_api_keys, "SELECT id, name, created_at, scopes FROM api_key ORDER BY id"},

    {Sql::find_side_record, "SELECT " MSG_SIDE_RECORD " FROM side_record "
                            "WHERE kind = ?1 AND owner = ?2 AND key = ?3"},
    {Sql::list_side_records,
     "SELECT " MSG_SIDE_RECORD " FROM side_record WHERE kind = ?1 AND owner = ?2 "
     "AND key > ?3 ORDER BY key LIMIT ?4"},

    // First the columns of the key, then the row.
    {Sql::scan_users, "SELECT " MSG_USER " FROM user_account WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {Sql::scan_phones,
     "SELECT phone, user_id FROM user_phone WHERE phone > ?1 ORDER BY phone LIMIT ?2"},
    {Sql::scan_usernames,
     "SELECT username, user_id FROM username WHERE username > ?1 ORDER BY username LIMIT ?2"},
    {Sql::scan_sessions,
     "SELECT user_id, id, token_hash, device_name, created_at, last_seen_at FROM session "
     "WHERE (user_id, id) > (?1, ?2) ORDER BY user_id, id LIMIT ?3"},
    {Sql::scan_tokens,
     "SELECT token_hash, user_id, session_id FROM session_token "
     "WHERE token_hash > ?1 ORDER BY token_hash LIMIT ?2"},
    {Sql::scan_api_keys,
     "SELECT id, secret_hash, name, created_at, scopes FROM api_key WHERE id > ?1 ORDER BY id "
     "LIMIT ?2"},
    {Sql::scan_secrets,
     "SELECT secret_hash, id FROM api_key WHERE secret_hash > ?1 ORDER BY secret_hash LIMIT ?2"},
    {Sql::scan_conversations,
     "SELECT " MSG_CONVERSATION " FROM conversation WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {Sql::scan_directs,
     "SELECT low, high, conversation_id FROM direct WHERE (low, high) > (?1, ?2) "
     "ORDER BY low, high LIMIT ?3"},
    {Sql::scan_members,
     "SELECT " MSG_MEMBER " FROM member WHERE (conversation_id, user_id) > (?1, ?2) "
     "ORDER BY conversation_id, user_id LIMIT ?3"},
    {Sql::scan_changed_members,
     "SELECT conversation_id, version, user_id FROM member INDEXED BY member_version "
     "WHERE (conversation_id, version, user_id) > (?1, ?2, ?3) "
     "ORDER BY conversation_id, version, user_id LIMIT ?4"},
    {Sql::scan_memberships,
     "SELECT " MSG_MEMBERSHIP " FROM membership "
     "WHERE (user_id, conversation_id) > (?1, ?2) ORDER BY user_id, conversation_id LIMIT ?3"},
    {Sql::scan_messages,
     "SELECT " MSG_MESSAGE " FROM message WHERE (conversation_id, seq) > (?1, ?2) "
     "ORDER BY conversation_id, seq LIMIT ?3"},
    {Sql::scan_time_marks,
     "SELECT conversation_id, version, seq FROM time_mark "
     "WHERE (conversation_id, version) > (?1, ?2) ORDER BY conversation_id, version LIMIT ?3"},
    {Sql::scan_idempotency,
     "SELECT conversation_id, sender, client_id, request_hash, seq FROM idempotency "
     "WHERE (conversation_id, sender, client_id) > (?1, ?2, ?3) "
     "ORDER BY conversation_id, sender, client_id LIMIT ?4"},
    {Sql::scan_changed_messages,
     "SELECT conversation_id, version, seq FROM message_change "
     "WHERE (conversation_id, version) > (?1, ?2) ORDER BY conversation_id, version LIMIT ?3"},
    {Sql::scan_revisions,
     "SELECT conversation_id, seq, revisions FROM revision "
     "WHERE (conversation_id, seq) > (?1, ?2) ORDER BY conversation_id, seq LIMIT ?3"},
    {Sql::scan_annotations,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE (conversation_id, seq, user_id) > (?1, ?2, ?3) "
     "ORDER BY conversation_id, seq, user_id LIMIT ?4"},
    {Sql::scan_side_records, "SELECT " MSG_SIDE_RECORD " FROM side_record "
                             "WHERE (kind, owner, key) > (?1, ?2, ?3) "
                             "ORDER BY kind, owner, key LIMIT ?4"},
    {Sql::scan_expiries,
     "SELECT expires_at, kind, owner, key FROM side_record INDEXED BY side_record_expiry "
     "WHERE expires_at IS NOT NULL AND (expires_at, kind, owner, key) > (?1, ?2, ?3, ?4) "
     "ORDER BY expires_at, kind, owner, key LIMIT ?5"},
    {Sql::origin, "SELECT id, last_version FROM writer WHERE id >= 0"},
    {Sql::list_writer_runs,
     "SELECT from_version, writer FROM writer_run WHERE conversation_id = ?1 "
     "AND from_version <= ?2 ORDER BY from_version DESC LIMIT ?3"},
    {Sql::import_state, "SELECT state FROM import_state WHERE id = 1"},

    {Sql::create_meta,
     "INSERT INTO meta (id, epoch, cursor_secret, last_version) VALUES (1, ?1, ?2, 0)"},
    {Sql::put_last_version, "UPDATE meta SET last_version = ?1 WHERE id = 1"},
    {Sql::put_user, "REPLACE INTO user_account (" MSG_USER
                    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
    {Sql::put_phone, "REPLACE INTO user_phone (phone, user_id) VALUES (?1, ?2)"},
    {Sql::erase_phone, "DELETE FROM user_phone WHERE phone = ?1 AND user_id = ?2"},
    {Sql::put_username, "REPLACE INTO username (username, user_id) VALUES (?1, ?2)"},
    {Sql::erase_username, "DELETE FROM username WHERE username = ?1 AND user_id = ?2"},
    {Sql::put_conversation,
     "REPLACE INTO conversation (" MSG_CONVERSATION ") "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"},
    {Sql::put_direct, "REPLACE INTO direct (low, high, conversation_id) VALUES (?1, ?2, ?3)"},
    {Sql::put_member, "REPLACE INTO member (" MSG_MEMBER ") "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                      "?16)"},
    {Sql::put_membership, "REPLACE INTO membership (" MSG_MEMBERSHIP ") "
                          "VALUES (?1, ?2, ?3, ?4, ?5)"},
    {Sql::append_message, "INSERT INTO message (" MSG_NEW_MESSAGE ") "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
    {Sql::append_idempotency,
     "INSERT INTO idempotency (conversation_id, sender, client_id, request_hash, seq) "
     "VALUES (?1, ?2, ?3, ?4, ?5)"},
    {Sql::claim_idempotency,
     "INSERT INTO idempotency (conversation_id, sender, client_id, request_hash, seq) "
     "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"},
    {Sql::put_time_mark,
     "REPLACE INTO time_mark (conversation_id, version, seq) VALUES (?1, ?2, ?3)"},
    {Sql::put_message,
     "UPDATE message SET reply_to = ?3, timestamp = ?4, edited_at = ?5, deleted = ?6, "
     "content = ?7, changed = ?8, extras = ?9 WHERE conversation_id = ?1 AND seq = ?2"},
    {Sql::put_message_change,
     "INSERT INTO message_change (conversation_id, version, seq) VALUES (?1, ?2, ?3)"},
    {Sql::erase_message_change,
     "DELETE FROM message_change WHERE conversation_id = ?1 AND version = ?2"},
    {Sql::put_revisions,
     "REPLACE INTO revision (conversation_id, seq, revisions) VALUES (?1, ?2, ?3)"},
    {Sql::put_annotation,
     "REPLACE INTO annotation (conversation_id, seq, user_id, annotation) VALUES (?1, ?2, ?3, ?4)"},
    {Sql::erase_annotation,
     "DELETE FROM annotation WHERE conversation_id = ?1 AND seq = ?2 AND user_id = ?3"},
    {Sql::forget_request,
     "UPDATE idempotency SET request_hash = ?4 "
     "WHERE conversation_id = ?1 AND sender = ?2 AND client_id = ?3"},
    {Sql::put_session,
     "REPLACE INTO session (user_id, id, token_hash, device_name, created_at, last_seen_at) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
    {Sql::put_last_seen, "UPDATE session SET last_seen_at = ?3 WHERE user_id = ?1 AND id = ?2"},
    {Sql::put_device_name, "UPDATE session SET device_name = ?3 WHERE user_id = ?1 AND id = ?2"},
    {Sql::put_life, "REPLACE INTO life (writer, from_version, tag) VALUES (?1, ?2, ?3)"},
    {Sql::put_session_token,
     "REPLACE INTO session_token (token_hash, user_id, session_id) VALUES (?1, ?2, ?3)"},
    {Sql::erase_session_token,
     "DELETE FROM session_token WHERE token_hash = "
     "(SELECT token_hash FROM session WHERE user_id = ?1 AND id = ?2)"},
    {Sql::erase_session, "DELETE FROM session WHERE user_id = ?1 AND id = ?2"},
    {Sql::put_api_key,
     "REPLACE INTO api_key (id, secret_hash, name, created_at, scopes) "
     "VALUES (?1, ?2, ?3, ?4, ?5)"},
    {Sql::erase_api_key, "DELETE FROM api_key WHERE id = ?1"},
    {Sql::put_side_record,
     "REPLACE INTO side_record (" MSG_SIDE_RECORD ") VALUES (?1, ?2, ?3, ?4, ?5)"},
    {Sql::erase_side_record, "DELETE FROM side_record WHERE kind = ?1 AND owner = ?2 AND key = ?3"},
    {Sql::erase_expired,
     "DELETE FROM side_record WHERE (kind, owner, key) IN "
     "(SELECT kind, owner, key FROM side_record WHERE expires_at <= ?1 "
     "ORDER BY expires_at LIMIT ?2)"},
    {Sql::put_writer_run,
     "REPLACE INTO writer_run (conversation_id, from_version, writer) VALUES (?1, ?2, ?3)"},
    {Sql::put_writer, "REPLACE INTO writer (id, last_version) VALUES (?1, ?2)"},
    {Sql::put_import_state, "REPLACE INTO import_state (id, state) VALUES (1, ?1)"},
    {Sql::erase_import_state, "DELETE FROM import_state"},
    {Sql::put_identity, "UPDATE meta SET epoch = ?1, cursor_secret = ?2 WHERE id = 1"},
}};

#undef MSG_USER
#undef MSG_CONVERSATION
#undef MSG_CONVERSATION_OF
#undef MSG_MEMBER
#undef MSG_MEMBER_OF
#undef MSG_MEMBERSHIP
#undef MSG_MEMBERSHIP_OF
#undef MSG_MESSAGE
#undef MSG_NEW_MESSAGE
#undef MSG_SIDE_RECORD

consteval bool in_order() {
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    if (static_cast<std::size_t>(kStatements[i].id) != i || kStatements[i].text == nullptr) {
      return false;
    }
  }
  return true;
}
static_assert(in_order(), "statements.h and statements.cpp list the same statements in order");

}  // namespace

const char* text_of(Sql statement) {
  return kStatements.at(static_cast<std::size_t>(statement)).text;
}

}  // namespace msg::sqlite
