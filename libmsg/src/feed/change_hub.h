// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/cursor.h"
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
/// Thread safety: publish() from the committing thread, everything else from any thread.
class ChangeHub {
 public:
  /// `store` and `codec` must outlive the hub, the hub all its subscriptions.
  ChangeHub(Store& store, const CursorCodec& codec)
      : store_(store), codec_(codec), writer_(store.identity().writer) {}

  Result<std::unique_ptr<Subscription>> subscribe(UserId user, EventHandler handler);

  /// Events of one commit, in order, made in the life with that tag.
  void publish(const std::vector<std::shared_ptr<Event>>& events, std::uint32_t life);

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
  Listeners listeners_of(const Event& event);
  void follow_membership(const Member& member);
  void follow_setting(UserId user, bool is_told);
  void listen(ConversationId conversation, const std::shared_ptr<LiveSubscription>& live,
              Version joined);
  bool may_read(const LiveSubscription& live, ConversationId conversation, Version sent) const;
  void stop_listening(ConversationId conversation, const LiveSubscription& live);
  void remove(const LiveSubscription& live);
  Result<void> check_position(const SyncCursor& cursor);
  void note_position(const Position& position);
  Position base_position();
  void set_apart(Listeners& listeners, const Event& event) const;

  Store& store_;
  const CursorCodec& codec_;
  const std::size_t writer_;
  std::mutex mutex_;
  /// What every live subscription knew of other writers when it went live, so what the cursor of
  /// an event may claim of them: their own events do not come through this hub.
  std::optional<Position> base_;
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
