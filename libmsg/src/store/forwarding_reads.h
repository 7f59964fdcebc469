// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.h"

namespace msg {

/// Reads as another snapshot or transaction does, for decorators to derive from. What Snapshot
/// answers by asking itself, it goes on to answer so: by what the decorator has overridden.
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
  const Base& target() const { return *target_; }

 private:
  std::unique_ptr<Base> target_;
};

}  // namespace msg
