// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace msg::postgres {

/// Names the statements of statements.cpp, in the same order.
enum class Sql : std::size_t {
  begin_read,
  begin_write,
  commit,
  rollback,
  is_standby,

  last_version,
  horizon,
  find_user,
  find_phone,
  find_username,
  list_users,
  find_conversation,
  find_direct,
  find_member,
  find_participation,
  list_members,
  list_members_changed,
  list_memberships,
  list_standings,
  seen_version,
  find_message,
  find_messages,
  list_messages_oldest_first,
  list_messages_newest_first,
  find_seq_after,
  find_idempotency,
  list_message_changes,
  find_revisions,
  find_life,
  list_life_tags,
  list_lives,
  find_session,
  list_sessions,
  find_api_key,
  list_api_keys,

  // In the order of enum Table, whose numbers count from here.
  scan_users,
  scan_phones,
  scan_usernames,
  scan_sessions,
  scan_tokens,
  scan_api_keys,
  scan_secrets,
  scan_conversations,
  scan_directs,
  scan_members,
  scan_changed_members,
  scan_memberships,
  scan_messages,
  scan_time_marks,
  scan_idempotency,
  scan_changed_messages,
  scan_revisions,
  import_state,

  lock_writer,
  lock_conversations,
  lock_user,
  load_users,
  load_members,
  load_senders,
  load_idempotency,

  put_last_version,
  insert_user,
  put_user,
  insert_phone,
  erase_phone,
  insert_username,
  erase_username,
  insert_conversations,
  put_conversations,
  insert_direct,
  put_members,
  put_memberships,
  append_messages,
  append_idempotency,
  append_time_marks,
  put_message,
  put_message_change,
  erase_message_change,
  put_revisions,
  insert_session,
  put_last_seen,
  put_life,
  insert_session_token,
  erase_session_token,
  erase_session,
  insert_api_key,
  erase_api_key,

  put_import_state,
  erase_import_state,
  put_identity,
  erase_writers,
  put_writer,

  count,
};
inline constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::count);

/// The text of a statement.
const char* text_of(Sql statement);

}  // namespace msg::postgres
