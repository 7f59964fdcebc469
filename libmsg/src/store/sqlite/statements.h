// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace msg::sqlite {

/// Names the statements of statements.cpp, in the same order.
enum class Sql : std::size_t {
  begin_read,
  begin_write,
  commit,
  rollback,

  identity,
  last_version,
  find_user,
  find_phone,
  find_username,
  list_users,
  find_conversation,
  find_direct,
  find_member,
  list_members,
  list_members_changed,
  list_memberships,
  list_standings,
  find_message,
  list_messages_oldest_first,
  list_messages_newest_first,
  find_time_mark,
  find_seq_above,
  find_idempotency,
  list_message_changes,
  find_revisions,
  find_life,
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
  origin,
  list_writer_runs,
  import_state,

  create_meta,
  put_last_version,
  put_user,
  put_phone,
  erase_phone,
  put_username,
  erase_username,
  put_conversation,
  put_direct,
  put_member,
  put_membership,
  append_message,
  append_idempotency,
  claim_idempotency,
  put_time_mark,
  put_message,
  put_message_change,
  erase_message_change,
  put_revisions,
  put_session,
  put_last_seen,
  put_life,
  put_session_token,
  erase_session_token,
  erase_session,
  put_api_key,
  erase_api_key,
  put_writer_run,
  put_writer,
  put_import_state,
  erase_import_state,
  put_identity,

  count,
};
inline constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::count);

/// The text of a statement. Its parameters are bound in the order of their numbers.
const char* text_of(Sql statement);

}  // namespace msg::sqlite
