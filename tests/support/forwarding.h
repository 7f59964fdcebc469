// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.h"

namespace msg::test {

/// Reads as another snapshot or transaction does, for decorators to derive from.
template <class Base>
class ForwardingReads : public Base {
 public:
  explicit ForwardingReads(std::unique_ptr<Base> target) : target_(std::move(target)) {}

  Result<Version> last_version() override { return target_->last_version(); }
  Result<std::vector<Record>> scan(Table table, const RecordKey& after,
                                   const ScanLimit& limit) override {
    return target_->scan(table, after, limit);
  }
  Result<std::optional<User>> find_user(UserId user) override { return target_->find_user(user); }
  Result<std::optional<UserId>> find_phone(std::string_view phone) override {
    return target_->find_phone(phone);
  }
  Result<std::optional<UserId>> find_username(std::string_view name) override {
    return target_->find_username(name);
  }
  Result<std::vector<User>> list_users(UserId after, int limit) override {
    return target_->list_users(after, limit);
  }
  Result<std::optional<ConversationRow>> find_conversation(ConversationId id) override {
    return target_->find_conversation(id);
  }
  Result<std::optional<ConversationId>> find_direct(UserId low, UserId high) override {
    return target_->find_direct(low, high);
  }
  Result<std::optional<MemberRow>> find_member(ConversationId conversation, UserId user) override {
    return target_->find_member(conversation, user);
  }
  Result<std::vector<MemberRow>> list_members(ConversationId conversation, UserId after,
                                              int limit) override {
    return target_->list_members(conversation, after, limit);
  }
  Result<std::vector<MemberRow>> list_members_changed(ConversationId conversation, Version after,
                                                      int limit) override {
    return target_->list_members_changed(conversation, after, limit);
  }
  Result<std::vector<MembershipRow>> list_memberships(UserId user, ConversationId after,
                                                      int limit) override {
    return target_->list_memberships(user, after, limit);
  }
  Result<std::optional<Message>> find_message(const MessageId& id) override {
    return target_->find_message(id);
  }
  Result<std::vector<Message>> list_messages(ConversationId conversation, Seq from, Seq to,
                                             int limit, Order order) override {
    return target_->list_messages(conversation, from, to, limit, order);
  }
  Result<std::optional<Seq>> find_seq_after(ConversationId conversation, Version version) override {
    return target_->find_seq_after(conversation, version);
  }
  Result<std::optional<IdempotencyRow>> find_idempotency(ConversationId conversation, UserId sender,
                                                         std::string_view client_id) override {
    return target_->find_idempotency(conversation, sender, client_id);
  }
  Result<std::vector<MessageChange>> list_message_changes(ConversationId conversation,
                                                          Version after, int limit) override {
    return target_->list_message_changes(conversation, after, limit);
  }
  Result<std::optional<RevisionsRow>> find_revisions(const MessageId& id) override {
    return target_->find_revisions(id);
  }
  Result<std::vector<std::optional<AnnotationRow>>> find_annotations(std::span<const MessageId> ids,
                                                                     UserId user) override {
    return target_->find_annotations(ids, user);
  }
  Result<std::vector<AnnotationRow>> list_annotations(const MessageId& id, UserId after,
                                                      int limit) override {
    return target_->list_annotations(id, after, limit);
  }
  Result<std::optional<Life>> find_life(std::size_t writer, Version version) override {
    return target_->find_life(writer, version);
  }
  Result<std::vector<Life>> list_lives() override { return target_->list_lives(); }
  Result<std::optional<Session>> find_session(const TokenHash& token) override {
    return target_->find_session(token);
  }
  Result<std::vector<Session>> list_sessions(UserId user) override {
    return target_->list_sessions(user);
  }
  Result<std::optional<ApiKey>> find_api_key(const TokenHash& secret) override {
    return target_->find_api_key(secret);
  }
  Result<std::vector<ApiKey>> list_api_keys() override { return target_->list_api_keys(); }
  Result<std::optional<SideRecord>> find_side_record(SideKind kind, std::int64_t owner,
                                                     std::string_view key) override {
    return target_->find_side_record(kind, owner, key);
  }
  Result<std::vector<SideRecord>> list_side_records(SideKind kind, std::int64_t owner,
                                                    std::string_view after, int limit) override {
    return target_->list_side_records(kind, owner, after, limit);
  }

 protected:
  Base& target() { return *target_; }

 private:
  std::unique_ptr<Base> target_;
};

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
};

}  // namespace msg::test
