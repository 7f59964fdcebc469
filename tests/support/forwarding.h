// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "store/forwarding_reads.h"

namespace msg::test {

/// Writes as another transaction does. (What only stores with several writers need is left out.)
class ForwardingTransaction : public ForwardingReads<WriteTransaction> {
 public:
  using ForwardingReads::ForwardingReads;

  Result<void> put_user(const User& user, const User* previous) override {
    return target().put_user(user, previous);
  }
  Result<void> put_conversation(const ConversationRow& row, bool is_new) override {
    return target().put_conversation(row, is_new);
  }
  Result<void> put_member(const MemberRow& row, const MemberRow* previous) override {
    return target().put_member(row, previous);
  }
  Result<void> put_membership(const MembershipRow& row) override {
    return target().put_membership(row);
  }
  Result<std::optional<IdempotencyRow>> append_message(const Message& message,
                                                       const IdempotencyRow& idempotency) override {
    return target().append_message(message, idempotency);
  }
  Result<void> put_message(const Message& message, const Message& previous) override {
    return target().put_message(message, previous);
  }
  Result<void> put_revisions(const RevisionsRow& row) override {
    return target().put_revisions(row);
  }
  Result<void> put_annotation(const AnnotationRow& row) override {
    return target().put_annotation(row);
  }
  Result<void> forget_request(const Message& message) override {
    return target().forget_request(message);
  }
  Result<void> put_session(const Session& session, const TokenHash& token) override {
    return target().put_session(session, token);
  }
  Result<void> put_last_seen(const Session& session) override {
    return target().put_last_seen(session);
  }
  Result<void> put_device_name(const Session& session) override {
    return target().put_device_name(session);
  }
  Result<void> put_life(const Life& life) override { return target().put_life(life); }
  Result<void> erase_session(const Session& session) override {
    return target().erase_session(session);
  }
  Result<void> put_api_key(const ApiKey& key, const TokenHash& secret) override {
    return target().put_api_key(key, secret);
  }
  Result<void> erase_api_key(ApiKeyId key) override { return target().erase_api_key(key); }
  Result<void> put_side_record(const SideRecord& record) override {
    return target().put_side_record(record);
  }
  Result<void> erase_side_record(SideKind kind, std::int64_t owner, std::string_view key) override {
    return target().erase_side_record(kind, owner, key);
  }
  Result<int> erase_expired(Time now, int limit) override {
    return target().erase_expired(now, limit);
  }
  Result<void> commit(Version last) override { return target().commit(last); }
  Horizon built_on() const override { return target().built_on(); }
};

}  // namespace msg::test
