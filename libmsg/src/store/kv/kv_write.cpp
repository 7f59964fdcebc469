// SPDX-License-Identifier: Apache-2.0
#include "store/kv/kv_write.h"

#include <functional>
#include <utility>

#include "core/extras_codec.h"
#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"
#include "store/kv/kv_layout.h"

namespace msg::kv {

Result<void> KvWrite::put_user(const User& user, const User* previous) {
  if (previous == nullptr || previous->phone != user.phone) {
    if (previous != nullptr) MSG_CHECK(erase_phone(*previous));
    if (!user.phone.empty()) {
      MSG_CHECK(batch_->put(phone_key(user.phone), encode_number(to_int(user.id))));
    }
  }
  if (user.phone.empty()) MSG_CHECK(raise_layout(*batch_, kSideLayout));
  MSG_CHECK(put_username(user, previous));
  if (!user.read_receipts) MSG_CHECK(raise_layout(*batch_, kOwnLayout));
  return batch_->put(user_key(user.id), encode_user(user));
}

// By name and owner: a phone that has changed hands within this transaction already belongs to
// somebody else.
Result<void> KvWrite::erase_phone(const User& previous) {
  MSG_TRY(const auto owner, find_phone(previous.phone));
  return owner == previous.id ? batch_->erase(phone_key(previous.phone)) : Result<void>{};
}

Result<void> KvWrite::put_username(const User& user, const User* previous) {
  const std::optional<std::string> before = previous ? previous->username : std::nullopt;
  if (before == user.username) return {};
  if (before) MSG_CHECK(batch_->erase(username_key(*before)));
  if (!user.username) return {};
  return batch_->put(username_key(*user.username), encode_number(to_int(user.id)));
}

Result<void> KvWrite::put_conversation(const ConversationRow& row, bool is_new) {
  if (is_new && row.kind == ConversationKind::direct) {
    MSG_CHECK(
        batch_->put(direct_key(row.direct_low, row.direct_high), encode_number(to_int(row.id))));
  }
  if (has_rules(row)) MSG_CHECK(raise_layout(*batch_, kRulesLayout));
  return batch_->put(head_key(row.id), encode_conversation(row));
}

Result<void> KvWrite::put_member(const MemberRow& row, const MemberRow* previous) {
  if (previous == nullptr || previous->version != row.version) {
    if (previous != nullptr) {
      MSG_CHECK(batch_->erase(changed_member_key(row.conversation, previous->version, row.user)));
    }
    MSG_CHECK(batch_->put(changed_member_key(row.conversation, row.version, row.user), {}));
  }
  if (row.own != MemberOwn{}) MSG_CHECK(raise_layout(*batch_, kOwnLayout));
  return batch_->put(member_key(row.conversation, row.user), encode_member(row));
}

Result<void> KvWrite::put_membership(const MembershipRow& row) {
  if (row.with_history) MSG_CHECK(raise_layout(*batch_, kRulesLayout));
  return batch_->put(membership_key(row.user, row.conversation), encode_membership(row));
}

Result<std::optional<IdempotencyRow>> KvWrite::append_message(const Message& message,
                                                              const IdempotencyRow& idempotency) {
  const auto& [conversation, seq] = message.id;
  if (!message.client_id.empty()) {
    MSG_TRY(auto taken, find_idempotency(conversation, message.sender, message.client_id));
    if (taken) return taken;
    MSG_CHECK(append_idempotency(conversation, message.sender, message.client_id, idempotency));
  }
  MSG_CHECK(append_row(message));
  return std::nullopt;
}

Result<void> KvWrite::append_row(const Message& message) {
  const auto [conversation, seq] = message.id;
  if (to_int(seq) % kTimeMarkInterval == 0) {
    MSG_CHECK(
        batch_->put(time_mark_key(conversation, message.version), encode_number(to_int(seq))));
  }
  if (has_extras(message)) MSG_CHECK(raise_layout(*batch_, kChangesLayout));
  return batch_->put(message_key(conversation, seq), encode_message(message));
}

Result<void> KvWrite::append_idempotency(ConversationId conversation, UserId sender,
                                         std::string_view client_id, const IdempotencyRow& row) {
  return batch_->put(idempotency_key(conversation, sender, client_id), encode_idempotency(row));
}

Result<void> KvWrite::put_message(const Message& message, const Message& previous) {
  const auto [conversation, seq] = message.id;
  if (previous.changed) {
    MSG_CHECK(batch_->erase(changed_message_key(conversation, *previous.changed)));
  }
  MSG_CHECK(put_message_change(conversation, {.version = message.changed.value(), .seq = seq}));
  return batch_->put(message_key(conversation, seq), encode_message(message));
}

Result<void> KvWrite::put_message_change(ConversationId conversation, const MessageChange& change) {
  MSG_CHECK(raise_layout(*batch_, kChangesLayout));
  return batch_->put(changed_message_key(conversation, change.version),
                     encode_number(to_int(change.seq)));
}

Result<void> KvWrite::put_revisions(const RevisionsRow& row) {
  return batch_->put(revisions_key(row.message), kv::encode_revisions(row));
}

Result<void> KvWrite::put_annotation(const AnnotationRow& row) {
  const std::string key = annotation_key(row.message, row.user);
  if (row.empty()) return batch_->erase(key);
  MSG_CHECK(raise_layout(*batch_, kChangesLayout));
  return batch_->put(key, kv::encode_annotation(row));
}

Result<void> KvWrite::forget_request(const Message& message) {
  if (message.client_id.empty()) return {};
  const auto& [conversation, seq] = message.id;
  return append_idempotency(conversation, message.sender, message.client_id,
                            {.request_hash = kForgottenRequest, .seq = seq});
}

Result<std::optional<TokenHash>> KvWrite::find_hash(const std::string& key) {
  std::string value;
  MSG_TRY(const bool found, batch_->get(key, value));
  if (!found) return std::nullopt;
  MSG_TRY(const HashedRow hashed, decode_hashed(value));
  return hashed.hash;
}

// A session or key that gets another secret must no longer be found by the first one.
Result<void> KvWrite::put_session(const Session& session, const TokenHash& token) {
  const std::string by_user = user_session_key(session.user, session.id);
  MSG_TRY(const auto before, find_hash(by_user));
  if (before) MSG_CHECK(batch_->erase(session_key(*before)));
  const std::string row = encode_session(session);
  MSG_CHECK(batch_->put(session_key(token), row));
  return batch_->put(by_user, encode_hashed(token, row));
}

Result<void> KvWrite::put_last_seen(const Session& session) {
  MSG_TRY(const auto token, find_hash(user_session_key(session.user, session.id)));
  return token ? put_session(session, *token) : Result<void>{};
}

Result<void> KvWrite::put_device_name(const Session& session) {
  return put_last_seen(session);  // one value
}

Result<void> KvWrite::put_life(const Life& life) {
  return batch_->put(life_key(life.writer, life.from), encode_number(life.tag));
}

Result<void> KvWrite::erase_session(const Session& session) {
  const std::string by_user = user_session_key(session.user, session.id);
  MSG_TRY(const auto token, find_hash(by_user));
  if (!token) return {};
  MSG_CHECK(batch_->erase(session_key(*token)));
  return batch_->erase(by_user);
}

Result<void> KvWrite::put_api_key(const ApiKey& key, const TokenHash& secret) {
  const std::string by_id = api_key_key(key.id);
  MSG_TRY(const auto before, find_hash(by_id));
  if (before) MSG_CHECK(batch_->erase(secret_key(*before)));
  if (key.scopes != KeyScopes::all()) MSG_CHECK(raise_layout(*batch_, kScopesLayout));
  const std::string row = encode_api_key(key);
  MSG_CHECK(batch_->put(secret_key(secret), row));
  return batch_->put(by_id, encode_hashed(secret, row));
}

Result<void> KvWrite::erase_api_key(ApiKeyId key) {
  const std::string by_id = api_key_key(key);
  MSG_TRY(const auto secret, find_hash(by_id));
  if (!secret) return {};
  MSG_CHECK(batch_->erase(secret_key(*secret)));
  return batch_->erase(by_id);
}

// The expiry entry of a record goes with it.
Result<void> KvWrite::erase_side_record(SideKind kind, std::int64_t owner, std::string_view key) {
  MSG_TRY(const auto before, find_side_record(kind, owner, key));
  if (!before) return {};
  if (before->expires_at) {
    MSG_CHECK(batch_->erase(expiry_key(*before->expires_at, kind, owner, key)));
  }
  return batch_->erase(side_key(kind, owner, key));
}

Result<void> KvWrite::put_side_record(const SideRecord& record) {
  const auto& [kind, owner, key, value, expires_at] = record;
  MSG_TRY(const auto before, find_side_record(kind, owner, key));
  if (before && before->expires_at && before->expires_at != expires_at) {
    MSG_CHECK(batch_->erase(expiry_key(*before->expires_at, kind, owner, key)));
  }
  MSG_CHECK(raise_layout(*batch_, kSideLayout));
  if (expires_at) MSG_CHECK(batch_->put(expiry_key(*expires_at, kind, owner, key), {}));
  return batch_->put(side_key(kind, owner, key), encode_side_record(record));
}

Result<int> KvWrite::erase_expired(Time now, int limit) {
  std::vector<SideName> names;
  bool is_malformed = false;
  const auto visit = [&](std::string_view key, std::string_view) {
    auto name = expired_name(key);
    is_malformed = !name;
    if (name) names.push_back(*std::move(name));
    return !is_malformed && std::cmp_less(names.size(), limit);
  };
  if (limit <= 0) return 0;
  MSG_CHECK(batch_->scan(expiries_up_to(now), KvDirection::forward, std::ref(visit)));
  if (is_malformed) return fail(Code::corrupt, "a stored key of expiries is malformed");
  for (const auto& [kind, owner, key] : names) MSG_CHECK(erase_side_record(kind, owner, key));
  return static_cast<int>(names.size());
}

Result<void> KvWrite::commit(Version last) {
  MSG_CHECK(batch_->put(meta_key("last_version"), encode_number(to_int(last))));
  return batch_->commit();
}

}  // namespace msg::kv
