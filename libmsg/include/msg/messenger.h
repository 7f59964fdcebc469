// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "msg/changes.h"
#include "msg/event.h"
#include "msg/options.h"
#include "msg/requests.h"
#include "msg/status.h"
#include "msg/types.h"

namespace msg {

/// Receives the outcome of an asynchronous call, exactly once: on the committing thread, or on the
/// calling one when refused at once. Must be quick; may start further asynchronous calls.
template <class T>
using Completion = std::function<void(Result<T>)>;

/// Durable, ordered, exactly-once chat over one store: the one facade for servers, bindings and
/// programs. Whoever opens it owns the store; it closes when destroyed, after finishing all calls.
///
/// `actor` is the user on whose behalf a call is made; the rules of who may do what are applied
/// here and nowhere else. A conversation that the actor may not know of is not_found.
///
/// A write that succeeded is on disk. One that failed left nothing, except that after
/// `unavailable` the outcome may be unknown; sending again with the same client_id settles it.
///
/// Thread safety: all calls from any thread. Concurrent writes share commits.
class Messenger {
 public:
  ~Messenger();
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  // Users ----------------------------------------------------------------------------------------
  /// conflict with field "phone" or "username": taken.
  Result<User> register_user(const NewUser& user);
  Result<User> load_user(UserId user);
  /// Any spelling that NewUser::phone takes.
  Result<User> load_user_by_phone(std::string_view phone);
  Result<User> load_user_by_username(std::string_view username);
  /// Read receipts that are switched off are so for every receipt given after this returns.
  Result<User> update_user(UserId actor, const UserPatch& patch);
  Result<Page<User>> list_users(const PageRequest& request);
  /// Stores User::last_seen in one commit; earlier moments and unknown users change nothing.
  Result<void> note_last_seen(std::span<const LastSeen> seen);

  // Conversations ---------------------------------------------------------------------------------
  /// The one conversation of these two, made when it does not exist yet; however many ask at once,
  /// all get the same. A user may talk to itself ("saved messages") in a conversation of one.
  Result<Conversation> open_direct(UserId actor, UserId peer);
  /// By phone number. not_found: nobody has it, or a block lies between them: none can tell which.
  Result<Conversation> open_direct_by_phone(UserId actor, std::string_view phone);
  /// open_direct() when it exists; nothing is made.
  Result<std::optional<Conversation>> find_direct(UserId actor, UserId peer);
  Result<Conversation> create_group(UserId actor, const NewGroup& group);
  Result<ConversationView> load_conversation(UserId actor, ConversationId conversation);
  /// The actor's active conversations, latest activity first.
  Result<Page<ConversationView>> list_conversations(UserId actor, const PageRequest& request);

  // Members: of groups only; a direct conversation never changes (conflict) -----------------------
  Result<Conversation> rename_group(UserId actor, ConversationId conversation, std::string title);
  /// Admins add; nobody gives a role above their own. Adding an active member changes nothing.
  Result<Member> add_member(UserId actor, ConversationId conversation, UserId user, Role role);
  /// Removes another (needs a role above theirs; owners may remove anyone) or, with user == actor,
  /// leaves. The last owner may leave only as the last member (conflict). A former member keeps
  /// what was readable until then and reads nothing later; joining again starts a new history.
  Result<Member> remove_member(UserId actor, ConversationId conversation, UserId user);
  /// Owners change anyone; admins change members, up to admin. The last owner stays (conflict).
  Result<Member> change_role(UserId actor, ConversationId conversation, UserId user, Role role);
  Result<Page<Member>> list_members(UserId actor, ConversationId id, const PageRequest& request);

  // Messages --------------------------------------------------------------------------------------
  /// Appends with the next seq. The same client_id and request again gives the first message
  /// again; another request under that client_id is idempotency_conflict. Only active members.
  Result<Message> send(const Draft& draft);
  void send_async(Draft draft, Completion<Message> done);
  /// What send() refuses without asking the store: lengths, encoding, ranges.
  Result<void> check_draft(const Draft& draft) const;
  /// As many sends as drafts, in order, in as few commits as possible; one may fail alone.
  std::vector<Result<Message>> send_many(std::span<const Draft> drafts);
  /// Sends what another message says. not_found: the sender may not read that. conflict: it is
  /// deleted, or of a kind that is not forwarded (system, encrypted). Else as send().
  Result<Message> forward(const ForwardDraft& draft);
  /// The message that a forwarded one was made from, for whoever may read both. not_found: all
  /// others, and when it was not forwarded.
  Result<Message> load_origin(UserId actor, const MessageId& message);
  /// Gives a text of one's own another content, up to Limits::edit_age_max after sending. The same
  /// content again changes nothing, at any age. permission_denied: another's. conflict: no text,
  /// deleted, or too old.
  Result<Message> edit(UserId actor, const Edit& edit);
  /// Leaves a tombstone; the content, earlier ones included, is gone from the store. Senders may
  /// up to Limits::delete_age_max after sending, admins and owners of a group always. Once more
  /// changes nothing. permission_denied: another's. conflict: too old.
  Result<Message> delete_for_everyone(UserId actor, const MessageId& message);
  /// For the actor alone, on all devices, it is a tombstone (Message::hidden). Again changes
  /// nothing.
  Result<Message> delete_for_me(UserId actor, const MessageId& message);
  /// Who changed the content and when, oldest first: the latest kRevisionsMax. Empty: nobody.
  Result<std::vector<Revision>> list_revisions(UserId actor, const MessageId& message);
  /// A kind of reaction is given by a member once; again changes nothing. invalid_argument: no
  /// emoji. conflict: deleted, or it has Limits::reaction_kinds_max others.
  Result<Message> react(UserId actor, const Reaction& reaction);
  /// Takes it back; one that was not given changes nothing.
  Result<Message> remove_reaction(UserId actor, const Reaction& reaction);
  /// Who gave what and when, ascending by user id.
  Result<Page<Reactor>> list_reactions(UserId actor, const MessageId& message,
                                       const PageRequest& request);
  /// Members of a direct conversation pin any message, in a group admins and owners do. Again
  /// changes nothing. conflict: deleted, or Limits::pins_max are pinned.
  Result<Message> pin(UserId actor, const MessageId& message);
  Result<Message> unpin(UserId actor, const MessageId& message);
  /// Those that the actor may read, the latest pin last; none for who left.
  Result<std::vector<Message>> list_pins(UserId actor, ConversationId conversation);
  Result<Message> load_message(UserId actor, const MessageId& message);
  /// A page in the requested order, with cursors in both directions: one seek and a scan.
  Result<Page<Message>> history(UserId actor, const HistoryRequest& request);

  // Receipts --------------------------------------------------------------------------------------
  /// Raises the actor's own watermark; a lower or repeated one changes nothing. invalid_argument:
  /// beyond the newest message the actor may read.
  Result<Member> mark(UserId actor, const ReceiptMark& mark);
  void mark_async(UserId actor, const ReceiptMark& mark, Completion<Member> done);
  /// Reads, up to its newest message, every conversation of the actor that has something unread;
  /// returns in how many that changed something. They go to the store a few hundred at a time, and
  /// what comes meanwhile stays unread. After an error some are done; again does the others.
  Result<std::int64_t> mark_all_read(UserId actor);
  /// The actor wants to see the conversation as unread from this message on. No receipt is taken
  /// back: nobody else hears of it. The next read receipt for that message or a later one takes the
  /// mark away. A message that is unread already changes nothing. invalid_argument with field
  /// "seq": not one the actor may read, or more than kUnreadBackMax before what was read.
  Result<UnreadMark> mark_unread(UserId actor, ConversationId conversation, Seq from);
  /// For the actor's own devices. What is so already changes nothing; joining again begins anew.
  Result<Preferences> prefer(UserId actor, ConversationId id, const PreferencesPatch& patch);
  Result<MessageStatus> message_status(UserId actor, const MessageId& message);
  Result<Page<RecipientStatus>> list_recipients(UserId actor, const MessageId& message,
                                                const PageRequest& request);
  /// Who has received or read it, and when, in the order of user ids. A page looks at
  /// kReceiptsScanMax members at most, whatever the size of the group: it may have fewer items than
  /// its limit, or none, while has_more says that there are members left to look at.
  Result<Page<Receipt>> list_receipts(UserId actor, const ReceiptsRequest& request);
  /// Tells the others, now, what the actor is doing. Nothing is stored; it expires by itself.
  Result<void> typing(UserId actor, ConversationId id, Activity activity = Activity::typing);

  // Sync and events -------------------------------------------------------------------------------
  /// Everything that changed for the actor since the cursor, over all conversations. Whoever holds
  /// a cursor was offered all up to it; nothing appears below it later. Pages resume at any time.
  /// A cursor in the middle of paging (has_more) is the actor's only, others are anybody's.
  /// invalid_argument with field "cursor": another's in the middle of paging, not of this store, or
  /// of a past that a restored backup does not have: start over, with nothing kept.
  Result<SyncPage> sync(UserId actor, const SyncRequest& request);
  Result<std::string> sync_position();  ///< Of this moment: a sync from it brings what follows.
  /// Begins paused; see Subscription.
  Result<std::unique_ptr<Subscription>> subscribe(UserId actor, EventHandler handler,
                                                  BehindHandler on_behind = {});

  // Access ----------------------------------------------------------------------------------------
  Result<NewSession> create_session(UserId user, std::string device_name);
  /// Ascending by id, which is by age.
  Result<std::vector<Session>> list_sessions(UserId actor);
  Result<void> revoke_session(UserId actor, SessionId session);
  Result<NewApiKey> create_api_key(std::string name, KeyScopes scopes = KeyScopes::all());
  Result<std::vector<ApiKey>> list_api_keys();
  Result<void> revoke_api_key(ApiKeyId key);
  /// unauthenticated: unknown, revoked, malformed or expired (Options::session_idle_max,
  /// session_age_max), without telling which.
  Result<Principal> authenticate(std::string_view token);
  /// The user a principal acts as: a session as its own user only, a key with KeyScope::act_as_user
  /// as any that exists (else permission_denied), which is to be requested (invalid_argument).
  Result<UserId> act_as(const Principal& principal, std::optional<UserId> requested);

  Result<void> check();  ///< The store can be read, and written to since the last failure.
  std::size_t queued_writes() const;  ///< That wait for a commit.
  int node() const;                   ///< Options::node, or what the store gave.

 private:
  friend struct MessengerInside;  // what the library's other classes work with
  friend Result<std::unique_ptr<Messenger>> open(std::string_view url, Options options);
  struct Impl;
  explicit Messenger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Opens, and makes or migrates when needed, the store that `url` names: "memory:" (gone with the
/// Messenger), "sqlite:PATH", "rocksdb:PATH" or "postgresql://…" (several processes may have that
/// one open; give each an Options::node of its own). invalid_argument: no such URL, bad options.
/// not_found: no such directory. unavailable: no server answers. conflict: another process has the
/// store open, or its schema is newer than this library, or older than it can read.
Result<std::unique_ptr<Messenger>> open(std::string_view url, Options options = {});

}  // namespace msg
