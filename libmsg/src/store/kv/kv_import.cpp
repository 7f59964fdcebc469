// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_import.h"

#include <algorithm>

#include "core/varint.h"
#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_layout.h"

namespace msg::kv {
namespace {

std::string encode_horizon(const Horizon& horizon) {
  std::string value;
  for (const Version version : horizon.up_to) {
    put_fixed64(value, static_cast<std::uint64_t>(to_int(version)));
  }
  return value;
}

/// From exactly this one.
Result<void> lower_layout(KvBatch& batch, std::int64_t from, std::int64_t to) {
  std::string value;
  MSG_TRY(const bool found, batch.get(meta_key("layout"), value));
  if (!found || value != encode_number(from)) return {};
  return batch.put(meta_key("layout"), encode_number(to));
}

Result<Horizon> decode_horizon(std::string_view value) {
  ByteReader reader(value);
  Horizon horizon;
  for (Version& version : horizon.up_to) {
    version = Version{static_cast<std::int64_t>(reader.fixed64())};
  }
  if (!reader.done()) return fail(Code::corrupt, "stored origin is malformed");
  return horizon;
}

}  // namespace

Result<std::shared_ptr<const Horizon>> load_origin(KvView& view) {
  std::string value;
  MSG_TRY(const bool found, view.get(meta_key("origin"), value));
  if (!found) return nullptr;
  MSG_TRY(const Horizon origin, decode_horizon(value));
  return std::make_shared<const Horizon>(origin);
}

Result<std::string> load_import_state(KvView& view) {
  std::string value;
  MSG_TRY(const bool found, view.get(meta_key("import"), value));
  return found ? value : std::string();
}

Result<void> put_identity(KvBatch& batch, const StoreIdentity& identity) {
  MSG_CHECK(raise_layout(batch, kFirstLayout));
  return batch.put(meta_key("identity"), encode_identity(identity));
}

Result<void> KvImport::put(const Record& record) {
  const RecordKey& key = record.key;
  if (const auto* message = std::get_if<Stamped<Message>>(&record.row)) {
    return write_.append_row(message->row);
  }
  if (const auto* entry = std::get_if<IdempotencyRow>(&record.row)) {
    return write_.append_idempotency(ConversationId{key.ids[0]}, UserId{key.ids[1]}, key.text,
                                     *entry);
  }
  if (const auto* user = std::get_if<User>(&record.row)) return write_.put_user(*user, nullptr);
  if (const auto* session = std::get_if<SessionRow>(&record.row)) {
    return write_.put_session(session->session, session->token);
  }
  if (const auto* api_key = std::get_if<ApiKeyRow>(&record.row)) {
    return write_.put_api_key(api_key->key, api_key->secret);
  }
  if (const auto* conversation = std::get_if<Stamped<ConversationRow>>(&record.row)) {
    return write_.put_conversation(conversation->row, true);
  }
  if (const auto* member = std::get_if<Stamped<MemberRow>>(&record.row)) {
    return write_.put_member(member->row, nullptr);
  }
  if (const auto* membership = std::get_if<Stamped<MembershipRow>>(&record.row)) {
    return write_.put_membership(membership->row);
  }
  if (const auto* change = std::get_if<ChangedMessage>(&record.row)) {
    return write_.put_message_change(ConversationId{key.ids[0]},
                                     {.version = Version{key.ids[1]}, .seq = change->seq});
  }
  if (const auto* revisions = std::get_if<RevisionsRow>(&record.row)) {
    return write_.put_revisions(*revisions);
  }
  if (const auto* annotation = std::get_if<AnnotationRow>(&record.row)) {
    return write_.put_annotation(*annotation);
  }
  if (const auto* side = std::get_if<SideRecord>(&record.row)) {
    return write_.put_side_record(*side);
  }
  return {};  // a way, put with its row
}

Result<void> KvImport::put(const WriterRun& run) {
  return batch_.put(writer_run_key(run.conversation, run.from),
                    encode_number(static_cast<std::int64_t>(run.writer)));
}

Result<void> KvImport::commit(std::string_view state) {
  MSG_CHECK(raise_layout(batch_, kCopyLayout));
  MSG_CHECK(batch_.put(meta_key("import"), state));
  return batch_.commit();
}

Result<void> KvImport::finish(const StoreIdentity& identity, const Horizon& horizon,
                              std::span<const Life> lives) {
  // No copy any more, nothing that only copies have.
  MSG_CHECK(lower_layout(batch_, kCopyLayout, kFirstLayout));
  MSG_CHECK(put_identity(batch_, identity));
  if (has_other_writers(horizon)) {
    MSG_CHECK(raise_layout(batch_, kCopyLayout));
    MSG_CHECK(batch_.put(meta_key("origin"), encode_horizon(horizon)));
  }
  for (const Life& life : lives) MSG_CHECK(write_.put_life(life));
  MSG_CHECK(batch_.erase(meta_key("import")));
  MSG_CHECK(write_.commit(*std::ranges::max_element(horizon.up_to)));
  meta_.identity = identity;
  meta_.identity.writer = 0;
  if (has_other_writers(horizon)) meta_.origin = std::make_shared<const Horizon>(horizon);
  return {};
}

}  // namespace msg::kv
