// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_import.h"

namespace msg::postgres {

Result<void> PostgresImport::put(const Record& record) {
  const RecordKey& key = record.key;
  WriteBuffer& anybodys = buffers_[0];
  if (const auto* message = std::get_if<Stamped<Message>>(&record.row)) {
    buffers_[message->writer].append(message->row);
  } else if (const auto* entry = std::get_if<IdempotencyRow>(&record.row)) {
    anybodys.append(ConversationId{key.ids[0]}, UserId{key.ids[1]}, key.text, *entry);
  } else if (const auto* user = std::get_if<User>(&record.row)) {
    anybodys.put(*user);
  } else if (const auto* session = std::get_if<SessionRow>(&record.row)) {
    anybodys.put(session->session, session->token);
  } else if (const auto* api_key = std::get_if<ApiKeyRow>(&record.row)) {
    anybodys.put(api_key->key, api_key->secret);
  } else if (const auto* conversation = std::get_if<Stamped<ConversationRow>>(&record.row)) {
    buffers_[conversation->writer].put(conversation->row, true);
  } else if (const auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    buffers_[member->writer].put(member->row);
  } else if (const auto* membership = std::get_if<Stamped<MembershipRow>>(&record.row)) {
    buffers_[membership->writer].put(membership->row);
  } else if (const auto* change = std::get_if<ChangedMessage>(&record.row)) {
    buffers_[change->writer].put(ConversationId{key.ids[0]},
                                 {.version = Version{key.ids[1]}, .seq = change->seq});
  } else if (const auto* revisions = std::get_if<RevisionsRow>(&record.row)) {
    anybodys.put(*revisions);
  } else if (const auto* annotation = std::get_if<AnnotationRow>(&record.row)) {
    anybodys.put(*annotation);
  } else if (const auto* side = std::get_if<SideRecord>(&record.row)) {
    anybodys.put(*side);
  }
  return {};  // else a way, put with its row
}

Result<void> PostgresImport::commit(std::string_view state) {
  send_rows();
  connection_.send(Sql::put_import_state, Params(Bytes(state)));
  return end();
}

Result<void> PostgresImport::finish(const StoreIdentity& identity, const Horizon& horizon,
                                    std::span<const Life> lives) {
  send_rows();
  connection_.send(Sql::put_identity, Params(identity.epoch, Bytes(identity.cursor_secret)));
  connection_.send(Sql::erase_writers);
  for (std::size_t i = 0; i < horizon.up_to.size(); ++i) {
    if (horizon.up_to.at(i) == Version{}) continue;
    connection_.send(Sql::put_writer, Params(static_cast<std::int64_t>(i), horizon.up_to.at(i)));
  }
  for (const Life& life : lives) {
    connection_.send(Sql::put_life, Params(static_cast<std::int64_t>(life.writer), life.from,
                                           static_cast<std::int64_t>(life.tag)));
  }
  connection_.send(Sql::erase_import_state);
  return end();
}

void PostgresImport::send_rows() {
  connection_.send(Sql::begin_write);
  for (auto& [writer, buffer] : buffers_) {
    buffer.send(connection_, static_cast<std::int64_t>(writer));
  }
}

Result<void> PostgresImport::end() {
  connection_.send(Sql::commit);
  auto done = connection_.trip();
  if (done) return {};
  connection_.rollback();
  return std::unexpected(std::move(done).error());
}

}  // namespace msg::postgres
