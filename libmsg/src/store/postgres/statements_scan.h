// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "store/postgres/columns.h"
#include "store/postgres/statements.h"

/// What reads whole tables, for copies and checks: part of statements.cpp.
namespace msg::postgres {

struct StatementText {
  Sql id;
  const char* text;
};

inline constexpr std::array<StatementText, 20> kScans{{
    // First the columns of the key, then the row; the writer comes last.
    {Sql::scan_users, "SELECT " MSG_USER("") " FROM user_account WHERE id > $1::int8 "
                                             "ORDER BY id LIMIT $2::int8"},
    {Sql::scan_phones,
     "SELECT phone, user_id FROM user_phone WHERE phone > $1::text ORDER BY phone LIMIT $2::int8"},
    {Sql::scan_usernames,
     "SELECT username, user_id FROM username WHERE username > $1::text "
     "ORDER BY username LIMIT $2::int8"},
    {Sql::scan_sessions,
     "SELECT user_id, id, token_hash, device_name, created_at, last_seen_at FROM session "
     "WHERE (user_id, id) > ($1::int8, $2::int8) ORDER BY user_id, id LIMIT $3::int8"},
    {Sql::scan_tokens,
     "SELECT token_hash, user_id, session_id FROM session_token WHERE token_hash > $1::bytea "
     "ORDER BY token_hash LIMIT $2::int8"},
    {Sql::scan_api_keys,
     "SELECT id, secret_hash, name, created_at, scopes FROM api_key WHERE id > $1::int8 "
     "ORDER BY id LIMIT $2::int8"},
    {Sql::scan_secrets,
     "SELECT secret_hash, id FROM api_key WHERE secret_hash > $1::bytea "
     "ORDER BY secret_hash LIMIT $2::int8"},
    {Sql::scan_conversations,
     "SELECT " MSG_CONVERSATION("") ", writer FROM conversation WHERE id > $1::int8 "
                                    "ORDER BY id LIMIT $2::int8"},
    {Sql::scan_directs,
     "SELECT low, high, conversation_id FROM direct WHERE (low, high) > ($1::int8, $2::int8) "
     "ORDER BY low, high LIMIT $3::int8"},
    {Sql::scan_members,
     "SELECT " MSG_MEMBER("") ", writer FROM member "
                              "WHERE (conversation_id, user_id) > ($1::int8, $2::int8) "
                              "ORDER BY conversation_id, user_id LIMIT $3::int8"},
    {Sql::scan_changed_members,
     "SELECT conversation_id, version, user_id FROM member "
     "WHERE (conversation_id, version) >= ($1::int8, $2::int8) "
     "AND (conversation_id, version, user_id) > ($1::int8, $2::int8, $3::int8) "
     "ORDER BY conversation_id, version, user_id LIMIT $4::int8"},
    {Sql::scan_memberships,
     "SELECT user_id, conversation_id, active, version, with_history, writer FROM membership "
     "WHERE (user_id, conversation_id) > ($1::int8, $2::int8) "
     "ORDER BY user_id, conversation_id LIMIT $3::int8"},
    {Sql::scan_messages,
     "SELECT " MSG_MESSAGE("") ", writer FROM message "
                               "WHERE (conversation_id, seq) > ($1::int8, $2::int8) "
                               "ORDER BY conversation_id, seq LIMIT $3::int8"},
    {Sql::scan_time_marks,
     "SELECT conversation_id, version, seq, writer FROM time_mark "
     "WHERE (conversation_id, version) > ($1::int8, $2::int8) "
     "ORDER BY conversation_id, version LIMIT $3::int8"},
    {Sql::scan_idempotency,
     "SELECT conversation_id, sender, client_id, request_hash, seq FROM idempotency "
     "WHERE (conversation_id, sender, client_id) > ($1::int8, $2::int8, $3::text) "
     "ORDER BY conversation_id, sender, client_id LIMIT $4::int8"},
    {Sql::scan_changed_messages,
     "SELECT conversation_id, version, seq, writer FROM message_change "
     "WHERE (conversation_id, version) > ($1::int8, $2::int8) "
     "ORDER BY conversation_id, version LIMIT $3::int8"},
    {Sql::scan_revisions,
     "SELECT conversation_id, seq, revisions FROM revision "
     "WHERE (conversation_id, seq) > ($1::int8, $2::int8) "
     "ORDER BY conversation_id, seq LIMIT $3::int8"},
    {Sql::scan_annotations,
     "SELECT conversation_id, seq, user_id, annotation FROM annotation "
     "WHERE (conversation_id, seq, user_id) > ($1::int8, $2::int8, $3::int8) "
     "ORDER BY conversation_id, seq, user_id LIMIT $4::int8"},
    {Sql::scan_side_records, "SELECT " MSG_SIDE_RECORD " FROM side_record "
                             "WHERE (kind, owner, key) > ($1::int8, $2::int8, $3::bytea) "
                             "ORDER BY kind, owner, key LIMIT $4::int8"},
    {Sql::scan_expiries,
     "SELECT expires_at, kind, owner, key FROM side_record WHERE expires_at IS NOT NULL "
     "AND (expires_at, kind, owner, key) > ($1::int8, $2::int8, $3::int8, $4::bytea) "
     "ORDER BY expires_at, kind, owner, key LIMIT $5::int8"},
}};

}  // namespace msg::postgres
