// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "commit/commit.h"
#include "core/cursor.h"
#include "feed/hint.h"
#include "feed/live_subscription.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// Hands committed events to the subscriptions of the members concerned.
///
/// It knows, per conversation, only the members that listen now, so an event costs what its
/// listeners cost, whatever the size of the group. Membership follows the events themselves, in
/// commit order: after the event of a removal nothing more reaches that user.
///
/// Where several processes write, it hands out no events of the store at all: a cursor that claims
/// what one of them has done, and not what it was built on, done by another and still on its way,
/// would lose that. So each commit, of whichever process, has those whom it concerns fall behind:
/// they sync, by a snapshot, which is whole, and go live again. Meanwhile more may come, and is one
/// sync.
///
/// Thread safety: all calls from any thread; commits are handed out one after the other.
class ChangeHub {
 public:
  /// `store` and `codec` must outlive the hub, the hub all its subscriptions. `start` is what the
  /// store had before anything is published. `has_company`: others write as well; else that is
  /// found out.
  ChangeHub(Store& store, const CursorCodec& codec, const Position& start, bool has_company)
      : store_(store),
        codec_(codec),
        writer_(store.identity().writer),
        reached_(start),
        has_company_(store.is_shared() && has_company) {}

  Result<std::unique_ptr<Subscription>> subscribe(UserId user, EventHandler handler,
                                                  BehindHandler on_behind);

  void publish(const Commit& commit);

  /// Of another process.
  void follow(const CommitHint& hint);
  /// What was committed up to here, by anybody, was not told of: everybody falls behind.
  void catch_up(const Position& position);

  /// All that was handed out, or that those concerned were told to sync.
  Horizon reached() const;
  bool has_listeners() const;

  /// Whether the user is told, from now on, what others have read.
  void show_reads(UserId user, bool is_told);

  /// To the live members of a conversation, less `except`.
  void publish_passing(const std::shared_ptr<const Event>& event, UserId except);

 private:
  struct Listeners {
    std::vector<std::shared_ptr<LiveSubscription>> all;
    /// Those among them who may know a part of the event only, behind the others.
    std::size_t told_a_part{0};
  };
  using List = std::vector<std::shared_ptr<LiveSubscription>>;
  /// What events said of a membership while it was being read.
  struct Said {
    bool active{false};
    bool has_left{false};  ///< At some time: whoever is active now has joined since.
    Version joined{};      ///< Or, while has_left is false, the first change that was seen.
  };

  Result<void> load_memberships(const std::shared_ptr<LiveSubscription>& live);
  Result<void> reload_memberships(const std::shared_ptr<LiveSubscription>& live);
  void forget_memberships(const LiveSubscription& live);
  bool is_next_and_alone(const Commit& commit) const;
  void fall_behind(const CommitHint& hint, bool is_of_another);
  List everybody() const;
  Position claim_at(const Event& event, std::uint32_t life) const;
  void hand_out(const std::shared_ptr<Event>& event, const Listeners& listeners,
                const Position& claim);
  Listeners listeners_of(const Event& event);
  void follow_membership(const Member& member);
  void follow_setting(UserId user, bool is_told);
  void listen(ConversationId conversation, const std::shared_ptr<LiveSubscription>& live,
              Version joined);
  bool may_read(const LiveSubscription& live, ConversationId conversation, Version sent) const;
  void stop_listening(ConversationId conversation, const LiveSubscription& live);
  void remove(const LiveSubscription& live);
  Result<void> check_position(const SyncCursor& cursor);
  void set_apart(Listeners& listeners, const Event& event) const;

  Store& store_;
  const CursorCodec& codec_;
  const std::size_t writer_;
  std::mutex publishing_;  ///< Held while handlers run, so that they run in one order.
  mutable std::mutex mutex_;
  /// What the cursor of an event claims of the writers that it is not of. A subscription that is
  /// live was handed all of it, or knew it when it went live.
  Position reached_;
  bool has_company_;  ///< Somebody else writes, too.
  std::unordered_map<ConversationId, List> by_conversation_;
  std::unordered_map<UserId, List> by_user_;
  /// Whether those of by_user_ are told what others read, and who is not.
  std::unordered_map<UserId, bool> told_;
  std::unordered_set<UserId> untold_;
  /// With the version of joining: it tells which messages the user may read, without asking.
  std::unordered_map<const LiveSubscription*, std::unordered_map<ConversationId, Version>>
      conversations_;
  /// Subscriptions whose memberships are being read: they cannot be addressed yet, so each event
  /// counts as one for them. The map holds what the events said meanwhile: it is newer.
  std::unordered_map<LiveSubscription*, std::unordered_map<ConversationId, Said>> loading_;
};

}  // namespace msg
