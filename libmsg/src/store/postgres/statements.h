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
  find_participations,
  list_members,
  list_members_changed,
  list_memberships,
  list_standings,
  list_places,
  listed_writers,
  list_news,
  seen_version,
  find_message,
  find_messages,
  list_messages_oldest_first,
  list_messages_newest_first,
  find_seq_after,
  find_idempotency,
  list_message_changes,
  find_revisions,
  find_annotations,
  list_annotations,
  find_life,
  list_life_tags,
  list_lives,
  find_session,
  list_sessions,
  find_api_key,
  list_api_keys,
  find_side_record,
  list_side_records,

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
  scan_annotations,
  scan_side_records,
  scan_expiries,
  import_state,

  lock_writer,
  check_lease,
  lock_conversations,
  lock_user,
  lock_side_records,
  load_users,
  load_members,
  load_senders,
  load_idempotency,

  put_last_version,
  insert_list_change,
  erase_list_changes,
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
  put_annotation,
  erase_annotation,
  forget_request,
  insert_session,
  put_last_seen,
  put_device_name,
  put_life,
  insert_session_token,
  erase_session_token,
  erase_session,
  insert_api_key,
  erase_api_key,
  put_side_record,
  erase_side_record,
  erase_expired,

  put_import_state,
  erase_import_state,
  put_identity,
  erase_writers,
  put_writer,

  count,
};
inline constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::count);

/// Reads a whole table, for copies and checks.
constexpr bool is_scan(Sql statement) {
  return statement >= Sql::scan_users && statement < Sql::import_state;
}

/// The text of a statement.
const char* text_of(Sql statement);

}  // namespace msg::postgres
