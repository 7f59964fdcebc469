// SPDX-License-Identifier: Apache-2.0
#include "commit/batch.h"

namespace msg {

Result<ConversationRow*> Batch::find_conversation(ConversationId id) {
  if (const auto cached = conversations_.find(id); cached != conversations_.end()) {
    return cached->second.row.get();
  }
  MSG_TRY(auto found, transaction_.find_conversation(id));
  auto& cached = conversations_[id];
  if (found) cached.row = std::make_unique<ConversationRow>(*std::move(found));
  return cached.row.get();
}

Result<MemberRow*> Batch::find_member(ConversationId conversation, UserId user) {
  const MemberKey key{conversation, user};
  if (const auto cached = members_.find(key); cached != members_.end()) {
    return cached->second.row.get();
  }
  // A conversation made in this batch has no members but those of this batch.
  std::optional<MemberRow> found;
  if (!made_.contains(conversation)) {
    MSG_TRY(found, transaction_.find_member(conversation, user));
  }
  auto& cached = members_[key];
  if (found) {
    cached.row = std::make_unique<MemberRow>(*found);
    cached.stored = std::make_unique<MemberRow>(*std::move(found));
  }
  return cached.row.get();
}

ConversationRow& Batch::add_conversation(ConversationRow row) {
  made_.insert(row.id);
  auto& cached = conversations_[row.id];
  cached = {std::make_unique<ConversationRow>(std::move(row)), true, true};
  return *cached.row;
}

MemberRow& Batch::add_member(MemberRow row) {
  auto& cached = members_[{row.conversation, row.user}];
  cached.row = std::make_unique<MemberRow>(std::move(row));
  cached.is_changed = true;
  return *cached.row;
}

void Batch::changed(const ConversationRow& row) {
  conversations_.at(row.id).is_changed = true;
}

void Batch::changed(const MemberRow& row) {
  members_.at({row.conversation, row.user}).is_changed = true;
}

Result<void> Batch::put_membership(const MembershipRow& row) {
  list_changes_.memberships.push_back(row);
  return transaction_.put_membership(row);
}

Version Batch::next_version() {
  return stamp(clock_.peek(now_, clock_.last()));
}

Version Batch::next_version(const ConversationRow& conversation) {
  return stamp(peek_version(conversation));
}

Version Batch::stamp(Version version) {
  ++stamps_;
  clock_.raise(version);
  return version;
}

Result<void> Batch::flush() {
  for (auto& [id, cached] : conversations_) {
    if (!cached.is_changed) continue;
    MSG_CHECK(transaction_.put_conversation(*cached.row, cached.is_new));
    list_changes_.places.push_back({cached.row->activity, id});
    cached.is_new = cached.is_changed = false;
  }
  for (auto& [key, cached] : members_) {
    if (!cached.is_changed) continue;
    MSG_CHECK(transaction_.put_member(*cached.row, cached.stored.get()));
    cached.stored = std::make_unique<MemberRow>(*cached.row);
    cached.is_changed = false;
  }
  return {};
}

}  // namespace msg
