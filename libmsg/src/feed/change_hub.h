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
#include "feed/live_subscription.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// A commit of any process on the store, for the hub of this one.
struct HubCommit {
  std::vector<std::shared_ptr<Event>> events;  ///< In order; of others' what somebody here hears.
  std::vector<HeadChange> heads;
  std::size_t writer{0};
  std::uint32_t life{0};
  Version before{};
  Version last{};  ///< 0: nothing was written.
  bool is_remote{false};
};

/// Hands committed events to the subscriptions of the members concerned.
///
/// It knows, per conversation, only the members that listen now, so an event costs what its
/// listeners cost, whatever the size of the group. Membership follows the events themselves, in
/// commit order: after the event of a removal nothing more reaches that user.
///
/// Commits of other processes come late, or not at all, and in an order of their own. So each says
/// what came before it, of its writer and in each conversation. Where that was not handed out here
/// those who listen fall behind instead of being told out of order: they sync and go live again.
///
/// Thread safety: all calls from any thread; commits are handed out one after the other.
class ChangeHub {
 public:
  /// `store` and `codec` must outlive the hub, the hub all its subscriptions. `start` is what the
  /// store had before anything is published.
  ChangeHub(Store& store, const CursorCodec& codec, const Position& start)
      : store_(store),
        codec_(codec),
        writer_(store.identity().writer),
        is_shared_(store.is_shared()),
        reached_(start) {}

  Result<std::unique_ptr<Subscription>> subscribe(UserId user, EventHandler handler,
                                                  BehindHandler on_behind);

  void publish(const HubCommit& commit);
  void publish(const Commit& commit);

  /// What was committed up to here is not handed out: everybody falls behind.
  void catch_up(const HubCommit& commit);
  void catch_up(const Position& position);

  /// All that was handed out, or that everybody was told to sync.
  Horizon reached() const;
  /// Whether it follows what was reached of its writer.
  bool is_next(const HubCommit& commit) const;
  bool has_listeners() const;
  /// Whether anybody listens to the conversation, or is that user.
  bool concerns_somebody(ConversationId conversation, UserId user) const;

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
  /// Those who listen to a conversation.
  struct Room {
    List listeners;
    Version newest{};  ///< Of the head, as handed out; 0: nothing was since the first came.
  };

  /// What events said of a membership while it was being read.
  struct Said {
    bool active{false};
    bool has_left{false};  ///< At some time: whoever is active now has joined since.
    Version joined{};      ///< Or, while has_left is false, the first change that was seen.
  };

  Result<void> load_memberships(const std::shared_ptr<LiveSubscription>& live);
  Result<void> reload_memberships(const std::shared_ptr<LiveSubscription>& live);
  void forget_memberships(const LiveSubscription& live);
  bool follow(const HubCommit& commit);
  List take_heads(const HubCommit& commit);
  void add_newcomers(const HubCommit& commit, List& behind) const;
  void note_heads(const HubCommit& commit);
  List everybody() const;
  Position claim_at(const HubCommit& commit, Version version) const;
  void hand_out(const std::shared_ptr<Event>& event, const Listeners& listeners, std::size_t writer,
                const Position& claim);
  Listeners listeners_of(const Event& event, std::size_t writer);
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
  const bool is_shared_;
  std::mutex publishing_;  ///< Held while handlers run, so that they run in one order.
  mutable std::mutex mutex_;
  /// What the cursor of an event claims of the writers that it is not of. A subscription that is
  /// live was handed all of it, or knew it when it went live.
  Position reached_;
  bool has_company_{false};  ///< Somebody else has written since this began.
  std::unordered_map<ConversationId, Room> by_conversation_;
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
