// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "commit/commit.h"
#include "core/clock.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// What one commit is made of. Writers of the domain read rows here, change them, and leave events;
/// a row that many of them touch is read once and written once.
///
/// A piece of work makes all its checks before its first next_version() or stamp(): from there on
/// it must not fail but by the store's fault, because then the whole batch is given up.
///
/// Thread safety: the committing thread only.
class Batch {
 public:
  Batch(WriteTransaction& transaction, VersionClock& clock, IdSource& ids)
      : transaction_(transaction), clock_(clock), ids_(ids) {}

  /// For rows that are not kept here: users, messages, sessions.
  WriteTransaction& rows() { return transaction_; }

  /// Null when there is none. The pointer lives as long as the batch; a changed row goes to
  /// changed().
  Result<ConversationRow*> find_conversation(ConversationId id);
  Result<MemberRow*> find_member(ConversationId conversation, UserId user);
  ConversationRow& add_conversation(ConversationRow row);
  MemberRow& add_member(MemberRow row);
  void changed(const ConversationRow& row);
  void changed(const MemberRow& row);
  Result<void> put_membership(const MembershipRow& row);

  /// Stamps a change. Marks the point of no return of the work that calls it.
  Version next_version();
  /// The same for a change in a conversation: above all its versions, whoever gave those.
  Version next_version(const ConversationRow& conversation);
  /// Above `floor`, for a change that is not of the whole conversation.
  Version next_version_above(Version floor) { return stamp(clock_.peek(now_, floor)); }
  /// What that would give, for a change that the store may refuse as a repetition; and then, when
  /// it did not, the stamp.
  Version peek_version(const ConversationRow& conversation) const {
    return clock_.peek(now_, conversation.version);
  }
  Version stamp(Version version);
  Time now() const { return now_; }
  /// Before work that came after the last: its times are not before it was asked for.
  void set_now(Time now) { now_ = now; }
  std::int64_t next_id() { return ids_.next(now_); }

  /// The event, for who says to whom it goes. It lives as long as the batch.
  template <class Body>
  Event& emit(ConversationId conversation, Version version, Body body) {
    events_.push_back(std::make_shared<Event>(Event{
        .conversation = conversation, .version = version, .cursor = {}, .body = std::move(body)}));
    return *events_.back();
  }

  void note(const ReadsSwitch& made) { switches_.push_back(made); }

  /// How many versions were given out.
  std::size_t stamps() const { return stamps_; }

  /// Writes the changed rows into the transaction, where index look-ups find them.
  Result<void> flush();
  std::vector<std::shared_ptr<Event>> take_events() { return std::move(events_); }
  std::vector<ReadsSwitch> take_switches() { return std::move(switches_); }
  ListChanges take_list_changes() { return std::move(list_changes_); }

 private:
  struct CachedConversation {
    std::unique_ptr<ConversationRow> row;  // null: known to be absent
    bool is_new{false};
    bool is_changed{false};
  };
  struct CachedMember {
    std::unique_ptr<MemberRow> row;
    std::unique_ptr<MemberRow> stored;  // null: not in the store yet
    bool is_changed{false};
  };
  using MemberKey = std::pair<ConversationId, UserId>;
  struct MemberKeyHash {
    std::size_t operator()(const MemberKey& key) const {
      const auto mixed = static_cast<std::uint64_t>(to_int(key.first)) * 0x9E3779B97F4A7C15u;
      return static_cast<std::size_t>(mixed ^ static_cast<std::uint64_t>(to_int(key.second)));
    }
  };

  WriteTransaction& transaction_;
  VersionClock& clock_;
  IdSource& ids_;
  Time now_{};
  std::size_t stamps_{0};
  std::unordered_map<ConversationId, CachedConversation> conversations_;
  std::unordered_map<MemberKey, CachedMember, MemberKeyHash> members_;
  std::unordered_set<ConversationId> made_;
  std::vector<std::shared_ptr<Event>> events_;
  std::vector<ReadsSwitch> switches_;
  ListChanges list_changes_;
};

}  // namespace msg
