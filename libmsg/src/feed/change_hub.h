// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "commit/commit.h"
#include "core/cursor.h"
#include "feed/causal_queue.h"
#include "feed/live_subscription.h"
#include "feed/news.h"
#include "msg/event.h"
#include "store/store.h"

namespace msg {

/// Hands committed events to the subscriptions of the members concerned.
///
/// It knows, per conversation, only the members that listen now, so an event costs what its
/// listeners cost, whatever the size of the group. Membership follows the events themselves, in
/// commit order: after the event of a removal nothing more reaches that user.
///
/// Where several processes write, it tells of the commits of all of them, each after all that it
/// may have been built on: so the cursor of an event is of a state in which the store could have
/// been, and sync from there misses nothing. What it cannot hand out has those whom it concerns
/// fall behind: they sync, and go live again.
///
/// When something stays away that others are built on, it goes on *out of order*: nothing is handed
/// out, every commit has those whom it concerns fall behind, until the store was asked what there
/// is, and everybody was told to sync that.
///
/// Thread safety: all calls from any thread; commits are handed out one after the other.
class ChangeHub {
 public:
  /// `store` and `codec` must outlive the hub, the hub all its subscriptions. `start` is what the
  /// store had before anything is published.
  ChangeHub(Store& store, const CursorCodec& codec, const Position& start)
      : store_(store), codec_(codec), writer_(store.identity().writer), queue_(start) {}

  Result<std::unique_ptr<Subscription>> subscribe(UserId user, EventHandler handler,
                                                  BehindHandler on_behind);

  /// Tells of a commit, of this process or another, when its turn comes.
  void follow(News news);

  /// Since when something waits for what it was built on.
  std::optional<std::chrono::steady_clock::time_point> waits_since() const;
  /// If something waits since then or longer: that will not come any more. Goes on out of order.
  void stop_waiting(std::chrono::steady_clock::time_point since);
  bool is_in_order() const;

  /// From here on nothing is told; what comes waits for catch_up().
  void begin_catch_up();
  /// `now` was read from the store since then: who may not have been told of all of it, which is
  /// everybody, falls behind. In order again. Nothing: it could not be read.
  void catch_up(const std::optional<Position>& now);

  /// All that was handed out, or that those concerned were told to sync.
  Horizon reached() const;
  bool listens_to(ConversationId conversation) const;
  bool has_listeners() const;

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
  enum class Mode { in_order, out_of_order, catching_up };

  void tell_all();
  std::optional<News> next();
  void tell(const News& news);
  void tell(const News& news, const NewsItem& item);
  void tell_out_of_order(const News& news);
  void fall_behind(const News& news, const NewsItem& item);
  void fall_behind(const News& news, const Concern& concern);
  void lose_track(const News& news);
  List everybody() const;
  Position claim_at(const Event& event, const News& news) const;
  void hand_out(const std::shared_ptr<Event>& event, const News& news);
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
  std::mutex publishing_;  ///< Held while handlers run, so that they run in one order.
  mutable std::mutex mutex_;
  /// What it has reached, the cursor of an event claims of the writers that it is not of. A
  /// subscription that is live was handed all of it, or knew it when it went live.
  CausalQueue queue_;
  Mode mode_{Mode::in_order};
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
