// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "msg/requests.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

struct MessageEvent {
  Message message;  ///< With the sender's client_id: take it out before showing it to others.
};
/// A message that was there is another now: edited, deleted for everyone, reacted to, pinned. It
/// goes to those who may read it.
struct MessageChangeEvent {
  Message message;                           ///< As it is now; client_id as above.
  std::optional<ReactionChange> reaction{};  ///< If it was one.
};
struct MemberEvent {
  Member member;
};
struct ReceiptEvent {
  Member member;  ///< The watermarks after the change.
  /// False in conversations above Limits::receipt_fanout_members_max: it is handed to the member's
  /// own subscriptions only, since n receipts to n members each is too much of a good thing.
  bool to_everyone{true};
  bool delivered_rose{true};  ///< False: it tells of reading only.
};
/// The user's own mark that a conversation is unread was set, moved or taken away. To that user.
struct UnreadEvent {
  UserId user{};
  UnreadMark mark;
};
/// The user wants to have a conversation shown otherwise. To that user.
struct PreferencesEvent {
  UserId user{};
  Preferences preferences;
};
/// Made, renamed, accepted, its rules or members changed; follows the change's MemberEvents.
struct ConversationEvent {
  Conversation conversation;
};
/// A member deleted a message for themselves. It goes to their own devices only.
struct HideEvent {
  UserId user{};
  MessageId message;
};
enum class Activity { typing, recording };
/// Somebody is about to say something. Never stored, dropped first under pressure, void after
/// `expires_in`.
struct TypingEvent {
  UserId user{};
  std::chrono::milliseconds expires_in{};
  Activity activity{Activity::typing};
};

/// A committed change, or something passing. Shared by all receivers, never altered.
struct Event {
  ConversationId conversation{};
  Version version{};     ///< Of the change; Version{0} for what is never stored.
  std::string cursor{};  ///< Sync cursor that includes this change; empty for what is never stored.
  std::variant<MessageEvent, MessageChangeEvent, MemberEvent, ReceiptEvent, ConversationEvent,
               HideEvent, TypingEvent, UnreadEvent, PreferencesEvent>
      body;
  UserId only_for{};  ///< Not 0: for this user's subscriptions alone.
  UserId not_for{};   ///< Not 0: for all others'.
};

using EventHandler = std::function<void(const std::shared_ptr<const Event>&)>;
/// Changes were made that are not handed out: the subscription has paused itself. Where several
/// processes write to the store, some are such, and without a bus all that others do.
using BehindHandler = std::function<void()>;

/// One user's live view of every conversation they are a member of; ends when destroyed.
///
/// A subscription is live or paused. A paused one hands out nothing and holds no buffer, because
/// the store has it all: a receiver that is behind pages through Messenger::sync() and then calls
/// go_live() with the cursor of the last page, until that succeeds. So there is no window in which
/// an event is lost or doubled, and a slow receiver costs no memory: it pauses and syncs.
///
/// The handler runs on the thread that committed the change (typing: on the caller's), or, where
/// several processes write to the store, on one of the library's; in commit order within a
/// conversation, never twice at once for events of the store. The same goes for the handler for
/// falling behind. It must be quick and must not call into the Messenger except for asynchronous
/// sends and pause().
///
/// Thread safety: all calls from any thread. The destructor waits for a running handler, except
/// when called from inside it. Must not outlive the Messenger.
class Subscription {
 public:
  virtual ~Subscription() = default;

  /// Starts handing out every event after `cursor`, which a complete sync page (has_more false)
  /// or an event gave. False: more was committed since; sync again first.
  /// invalid_argument: not a cursor of this store, or one in the middle of paging.
  virtual Result<bool> go_live(std::string_view cursor) = 0;

  /// Stops handing out events: none arrives after it returns. Waits for a handler that runs on
  /// another thread, so hold no lock that the handler takes; inside the handler it does not wait.
  virtual void pause() = 0;
};

}  // namespace msg
