// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_import.h"

#include <algorithm>

namespace msg::sqlite {
namespace {

template <class... Values>
Result<void> run(Connection& connection, Sql sql, const Values&... values) {
  MSG_TRY(Query query, connection.use(sql));
  return query.bind(values...).run();
}

}  // namespace

Result<std::unique_ptr<SqliteImport>> SqliteImport::begin(Connection& writer,
                                                          WalCheckpoint& checkpoint) {
  MSG_TRY(auto transaction, SqliteTransaction::begin(writer, checkpoint, nullptr));
  return std::unique_ptr<SqliteImport>(new SqliteImport(writer, std::move(transaction)));
}

Result<void> SqliteImport::put(const Record& record) {
  const RecordKey& key = record.key;
  SqliteTransaction& rows = *transaction_;
  if (const auto* message = std::get_if<Stamped<Message>>(&record.row)) {
    return rows.append_row(message->row);
  }
  if (const auto* entry = std::get_if<IdempotencyRow>(&record.row)) {
    return rows.append_idempotency(ConversationId{key.ids[0]}, UserId{key.ids[1]}, key.text,
                                   *entry);
  }
  if (const auto* user = std::get_if<User>(&record.row)) return rows.put_user(*user, nullptr);
  if (const auto* session = std::get_if<SessionRow>(&record.row)) {
    return rows.put_session(session->session, session->token);
  }
  if (const auto* api_key = std::get_if<ApiKeyRow>(&record.row)) {
    return rows.put_api_key(api_key->key, api_key->secret);
  }
  if (const auto* conversation = std::get_if<Stamped<ConversationRow>>(&record.row)) {
    return rows.put_conversation(conversation->row, true);
  }
  if (const auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    return rows.put_member(member->row, nullptr);
  }
  if (const auto* membership = std::get_if<Stamped<MembershipRow>>(&record.row)) {
    return rows.put_membership(membership->row);
  }
  if (const auto* change = std::get_if<ChangedMessage>(&record.row)) {
    return rows.put_message_change(ConversationId{key.ids[0]},
                                   {.version = Version{key.ids[1]}, .seq = change->seq});
  }
  if (const auto* revisions = std::get_if<RevisionsRow>(&record.row)) {
    return rows.put_revisions(*revisions);
  }
  if (const auto* annotation = std::get_if<AnnotationRow>(&record.row)) {
    return rows.put_annotation(*annotation);
  }
  if (const auto* side = std::get_if<SideRecord>(&record.row)) return rows.put_side_record(*side);
  return {};  // a way, put with its row
}

Result<void> SqliteImport::put(const WriterRun& writer_run) {
  return run(writer_, Sql::put_writer_run, writer_run.conversation, writer_run.from,
             static_cast<std::int64_t>(writer_run.writer));
}

Result<void> SqliteImport::commit(std::string_view state) {
  const std::string bytes(state);
  MSG_CHECK(run(writer_, Sql::put_import_state, Blob(bytes)));
  return writer_.commit();
}

Result<void> SqliteImport::finish(const StoreIdentity& identity, const Horizon& horizon,
                                  std::span<const Life> lives) {
  MSG_CHECK(run(writer_, Sql::put_identity, identity.epoch, Blob(identity.cursor_secret)));
  for (std::size_t i = 0; has_other_writers(horizon) && i < horizon.up_to.size(); ++i) {
    if (horizon.up_to.at(i) == Version{}) continue;
    MSG_CHECK(run(writer_, Sql::put_writer, static_cast<std::int64_t>(i), horizon.up_to.at(i)));
  }
  for (const Life& life : lives) MSG_CHECK(transaction_->put_life(life));
  MSG_CHECK(run(writer_, Sql::erase_import_state));
  return transaction_->commit(*std::ranges::max_element(horizon.up_to));
}

}  // namespace msg::sqlite
