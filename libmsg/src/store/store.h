// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/horizon.h"
#include "msg/options.h"
#include "msg/requests.h"
#include "msg/status.h"
#include "msg/types.h"
#include "store/records.h"
#include "store/rows.h"
#include "store/side_record.h"

namespace msg {

/// From `from` on, up to the next run, the versions in a conversation are of one writer. Stores
/// with one writer of their own keep these for what was copied from a store with several.
struct WriterRun {
  ConversationId conversation{};
  Version from{};
  std::size_t writer{};
};

/// What happened to lists of conversations between two moments.
struct ListNews {
  Horizon up_to;                  ///< The later one.
  std::vector<ListPlace> places;  ///< As they are then, of conversations where they changed.
  std::vector<UserId> users;      ///< Who joined or left any.
};

/// A consistent view: everything committed before it was taken and nothing later. `find_` may come
/// back empty; any Error is unavailable or corrupt, never a matter of the domain.
///
/// The last group of each comment is the cost in storage work. To a store in another process each
/// call is a round trip; what has a default could be asked by several calls, and is one to save
/// trips.
///
/// Thread safety: one thread at a time.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  /// Stamp of the newest commit in this view.
  virtual Result<Version> last_version() = 0;

  // What sync asks. The defaults are those of a store with one writer, which stamps each change
  // of the store with a larger version than the one before.

  /// All that this view sees.
  virtual Result<Horizon> horizon();
  /// The user's conversations, active and former, ascending by id, strictly after `after`.
  virtual Result<std::vector<Standing>> list_standings(UserId user, ConversationId after,
                                                       int limit);
  /// Where the user's active conversations stand in the list, ascending by id, strictly after
  /// `after`; fewer than `limit` are all. What a list needs to know of each: it reads no more.
  virtual Result<std::vector<ListPlace>> list_places(UserId user, ConversationId after, int limit);
  /// What this process may not know of its lists that it knew as of `since`: what others did.
  /// Nothing when the store does not know any more. (Of one writer: nobody did anything, and what
  /// that writer did itself is not said.)
  virtual Result<std::optional<ListNews>> list_news(const Horizon& since);
  /// A version at or above all that `seen` sees of this conversation, below all else of it. It
  /// exists because the changes of one conversation commit in the order of their versions.
  virtual Result<Version> seen_version(ConversationId conversation, const Horizon& seen);

  // What the defaults above know of a copy. A store that keeps the writer beside each row, or has
  // only ever had one, has neither.

  /// What the store that this one is a copy of had seen, when it had several writers. All versions
  /// above it are this store's own.
  virtual const Horizon* origin() const { return nullptr; }
  /// Newest first, at or below `up_to`.
  virtual Result<std::vector<WriterRun>> list_writer_runs(ConversationId conversation,
                                                          Version up_to, int limit);

  /// A page of everything: the records of a table strictly after a key, in the order of keys. A
  /// page is empty only at the end. What cannot be decoded comes as Unreadable.
  virtual Result<std::vector<Record>> scan(Table table, const RecordKey& after,
                                           const ScanLimit& limit) = 0;

  virtual Result<std::optional<User>> find_user(UserId user) = 0;                  // one get
  virtual Result<std::optional<UserId>> find_phone(std::string_view phone) = 0;    // one get
  virtual Result<std::optional<UserId>> find_username(std::string_view name) = 0;  // one get
  /// Ascending by id, strictly after `after`.
  virtual Result<std::vector<User>> list_users(UserId after, int limit) = 0;  // seek + scan

  virtual Result<std::optional<ConversationRow>> find_conversation(ConversationId id) = 0;
  virtual Result<std::optional<ConversationId>> find_direct(UserId low, UserId high) = 0;

  virtual Result<std::optional<MemberRow>> find_member(ConversationId conversation,
                                                       UserId user) = 0;
  /// Both in one; empty when either is absent.
  virtual Result<std::optional<Participation>> find_participation(ConversationId conversation,
                                                                  UserId user);
  /// The same for many: an answer for each id, in their order.
  virtual Result<std::vector<std::optional<Participation>>> find_participations(
      std::span<const ConversationId> ids, UserId user);
  /// Active and former members, ascending by user, strictly after `after`.
  virtual Result<std::vector<MemberRow>> list_members(ConversationId conversation, UserId after,
                                                      int limit) = 0;
  /// Members whose version is above `after`, ascending by version.
  virtual Result<std::vector<MemberRow>> list_members_changed(ConversationId conversation,
                                                              Version after, int limit) = 0;
  /// Ascending by conversation, strictly after `after`, active and former.
  virtual Result<std::vector<MembershipRow>> list_memberships(UserId user, ConversationId after,
                                                              int limit) = 0;

  virtual Result<std::optional<Message>> find_message(const MessageId& id) = 0;
  /// The same for many: an answer for each id, in their order. The caller bounds their bytes.
  virtual Result<std::vector<std::optional<Message>>> find_messages(std::span<const MessageId> ids);
  /// Messages from ≤ seq ≤ to, at most `limit`, in the given order. client_id is filled in.
  virtual Result<std::vector<Message>> list_messages(ConversationId conversation, Seq from, Seq to,
                                                     int limit, Order order) = 0;
  /// That the next question will, most likely, be followed by list_messages() with the same
  /// conversation, limit and order, and a range within this one. A store that is a round trip away
  /// asks both at once; to the others it is nothing.
  virtual void expect_messages(ConversationId /*conversation*/, Seq /*from*/, Seq /*to*/,
                               int /*limit*/, Order /*order*/) {}
  /// The first message stamped above `version`, by the sparse time index: a seek and a scan of at
  /// most kTimeMarkInterval.
  virtual Result<std::optional<Seq>> find_seq_after(ConversationId conversation,
                                                    Version version) = 0;
  virtual Result<std::optional<IdempotencyRow>> find_idempotency(ConversationId conversation,
                                                                 UserId sender,
                                                                 std::string_view client_id) = 0;
  /// Messages whose last change is above `after`, ascending by it.
  virtual Result<std::vector<MessageChange>> list_message_changes(ConversationId conversation,
                                                                  Version after, int limit) = 0;
  virtual Result<std::optional<RevisionsRow>> find_revisions(const MessageId& id) = 0;  // one get
  /// What the user has put on each of these messages: an answer for each id, in their order.
  virtual Result<std::vector<std::optional<AnnotationRow>>> find_annotations(
      std::span<const MessageId> ids, UserId user) = 0;  // one get each
  /// What anybody has put on a message, ascending by user, strictly after `after`.
  virtual Result<std::vector<AnnotationRow>> list_annotations(const MessageId& id, UserId after,
                                                              int limit) = 0;

  /// The life in which the writer gave this version; none before its first.
  virtual Result<std::optional<Life>> find_life(std::size_t writer, Version version) = 0;
  /// The same for all writers, of each horizon.
  virtual Result<std::vector<LifeTags>> list_life_tags(std::span<const Horizon> horizons);
  /// All of them, in no order; for copies.
  virtual Result<std::vector<Life>> list_lives() = 0;

  virtual Result<std::optional<Session>> find_session(const TokenHash& token) = 0;
  virtual Result<std::vector<Session>> list_sessions(UserId user) = 0;  // ascending by id
  virtual Result<std::optional<ApiKey>> find_api_key(const TokenHash& secret) = 0;
  virtual Result<std::vector<ApiKey>> list_api_keys() = 0;

  // Expired ones too: who uses a record looks at its time.
  virtual Result<std::optional<SideRecord>> find_side_record(SideKind kind, std::int64_t owner,
                                                             std::string_view key) = 0;
  /// Ascending by the bytes of the key, strictly after `after`.
  virtual Result<std::vector<SideRecord>> list_side_records(SideKind kind, std::int64_t owner,
                                                            std::string_view after, int limit) = 0;
};

/// Every kTimeMarkInterval-th message leaves (version → seq) in the time index; versions rise with
/// seq, so any moment is found from the mark before it.
inline constexpr std::int64_t kTimeMarkInterval = 128;

/// Whose side records.
struct SideOwner {
  SideKind kind{};
  std::int64_t owner{};
  auto operator<=>(const SideOwner&) const = default;
};

/// What a piece of work is about to read and change.
struct Touch {
  ConversationId conversation{};  ///< 0: none.
  UserId user{};                  ///< A member of it, the actor mostly.
  std::string client_id{};        ///< The idempotency key to look for; may be empty.
  std::vector<UserId> others{};   ///< Further members.
  std::optional<Seq> message{};   ///< A message of the conversation.
  bool asks_user{false};          ///< Whether it looks at the user's settings.
  /// Side records that it reads and changes: nobody else does before the commit. Work that names
  /// them here, and not by lock_side_records(), never meets other writers' in a deadlock.
  std::optional<SideOwner> side{};
};

/// The one open write. Its reads see its own writes. Nothing is visible to others, or durable,
/// before commit() succeeds; destroying it without a commit undoes it.
///
/// A put_ inserts or replaces. The caller keeps the rules: dense seq, rising versions, one version
/// per change. After a failed put commit() fails. Dropping it may take the
/// time of a checkpoint, so whoever waits for the commit should be told before.
class WriteTransaction : public Snapshot {
 public:
  // What a store that others write to at the same time, or that is a round trip away, needs to be
  // told. The defaults do nothing: an embedded store has one writer, and all rows at hand.

  /// Comes first. Locks the conversations, in the order of their ids, and loads what the touches
  /// name, all in one go; whatever else is read is loaded, and conversations are locked, as they
  /// are asked for. Returns the newest version of this writer: new ones must be above it.
  virtual Result<Version> prepare(std::span<const Touch* const> /*touches*/) { return Version{}; }
  /// Loads users that are about to be asked for one by one.
  virtual Result<void> load_users(std::span<const UserId> /*users*/) { return {}; }
  /// Keeps other writers from changing the user and its sessions before the commit.
  virtual Result<void> lock_user(UserId /*user*/) { return {}; }
  /// Keeps other writers from changing these side records, and from making new ones, before the
  /// commit. What is read of them afterwards is the newest.
  virtual Result<void> lock_side_records(const SideOwner& /*records*/) { return {}; }
  /// Instead of a commit, when there is nothing to write. After it what was read is as durable as
  /// a commit, so that it may be told.
  virtual Result<void> confirm() { return {}; }
  /// After a failure: certainly nothing was written, and the same work in a new transaction may
  /// succeed (another writer was faster, the connection broke before the commit was on its way).
  virtual bool may_retry() const { return false; }

  /// `previous` is the stored user, null for a new one: it tells which index entries to move.
  virtual Result<void> put_user(const User& user, const User* previous) = 0;
  /// Puts the direct index entry too when `row` is a new direct conversation.
  virtual Result<void> put_conversation(const ConversationRow& row, bool is_new) = 0;
  /// `previous` as in put_user; it tells which entry of the change index to move.
  virtual Result<void> put_member(const MemberRow& row, const MemberRow* previous) = 0;
  virtual Result<void> put_membership(const MembershipRow& row) = 0;
  /// A new message, its idempotency entry when it has a client_id, its time mark when due. Or, when
  /// the client_id has an entry: that one, and nothing is put. (One search instead of two, where
  /// the store can look and put at once.)
  virtual Result<std::optional<IdempotencyRow>> append_message(
      const Message& message, const IdempotencyRow& idempotency) = 0;
  /// A message that is there, changed at a version of its own (Message::changed). `previous` tells
  /// which entry of the change index to move.
  virtual Result<void> put_message(const Message& message, const Message& previous) = 0;
  virtual Result<void> put_revisions(const RevisionsRow& row) = 0;
  virtual Result<void> put_annotation(const AnnotationRow& row) = 0;  ///< An empty one is erased.
  /// Empties the request hash of the message's idempotency entry, if it has one
  /// (kForgottenRequest).
  virtual Result<void> forget_request(const Message& message) = 0;
  virtual Result<void> put_session(const Session& session, const TokenHash& token) = 0;
  /// Of a session that is there.
  virtual Result<void> put_last_seen(const Session& session) = 0;
  virtual Result<void> put_device_name(const Session& session) = 0;  ///< Likewise.
  virtual Result<void> put_life(const Life& life) = 0;
  virtual Result<void> erase_session(const Session& session) = 0;
  virtual Result<void> put_api_key(const ApiKey& key, const TokenHash& secret) = 0;
  virtual Result<void> erase_api_key(ApiKeyId key) = 0;
  virtual Result<void> put_side_record(const SideRecord& record) = 0;
  /// It may be absent.
  virtual Result<void> erase_side_record(SideKind kind, std::int64_t owner,
                                         std::string_view key) = 0;
  /// Erases side records that expired at or before `now`, the oldest first, at most `limit`; those
  /// that another writer is at stay. Returns how many.
  virtual Result<int> erase_expired(Time now, int limit) = 0;

  /// Makes everything visible and durable, with `last` as the newest stamp. On an error nothing
  /// was written; or, when the medium failed in the middle, the store refuses all later writes
  /// until it is opened again; or, when the store is another process, the outcome is unknown
  /// (Code::unavailable).
  virtual Result<void> commit(Version last) = 0;
  /// After it: what others had committed when all was read that this was made of; it may have been
  /// built on any of that. Of this writer it says nothing.
  virtual Horizon built_on() const { return {}; }
};

/// What tells a store from every other: made once, with the store.
struct StoreIdentity {
  std::int64_t epoch{};                           ///< Random; stands in every cursor.
  std::array<unsigned char, 32> cursor_secret{};  ///< Signs cursors.
  std::size_t writer{0};                          ///< Place of this process in a Horizon.
};

/// A part of a store that is being filled from another one. Between the first commit and finish()
/// the store is incomplete, says so by import_state(), and is refused for any other use.
///
/// Destroying it without a commit undoes it. Thread safety: one thread at a time.
class ImportTransaction {
 public:
  virtual ~ImportTransaction() = default;
  /// A new record of a table that is no way; puts its ways along.
  virtual Result<void> put(const Record& record) = 0;
  /// Inserts or replaces. Nothing to do for a store that keeps the writer beside each row.
  virtual Result<void> put(const WriterRun& run) = 0;
  /// Durable, together with `state`, which is not empty.
  virtual Result<void> commit(std::string_view state) = 0;
  /// The last: makes it a store with this identity that has seen `horizon`, and complete. The
  /// Store object is to be closed then.
  virtual Result<void> finish(const StoreIdentity& identity, const Horizon& horizon,
                              std::span<const Life> lives) = 0;
};

/// Durable home of the rows. The rules of chat are not its business: it is told what to write.
///
/// Thread safety: snapshot(), late_snapshot() and check() from any thread; begin() from one thread
/// at a time, with one transaction open at a time.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<Snapshot>> snapshot() = 0;
  /// The same for a read whose first question comes at once: the view may be taken, and the store
  /// be found unavailable, as late as with that one, so that opening it is no trip of its own.
  virtual Result<std::unique_ptr<Snapshot>> late_snapshot() { return snapshot(); }
  virtual Result<std::unique_ptr<WriteTransaction>> begin() = 0;
  virtual const StoreIdentity& identity() const = 0;
  /// Part of the ids made here, where the store gives it (kNodeFromStore). Another than at begin()
  /// is one that the transaction will refuse to commit with. Any thread.
  virtual std::optional<int> node() const { return std::nullopt; }
  /// Whether other processes may write to it at the same time.
  virtual bool is_shared() const { return false; }
  /// Whether WriteTransaction::prepare() should be told of all work of a commit at once.
  virtual bool loads_ahead() const { return false; }
  /// An error when reads fail, or writes failed for good.
  virtual Result<void> check() = 0;

  // For copying and checking whole stores.

  /// What the last commit of an import left; empty when none is under way.
  virtual Result<std::string> import_state() = 0;
  /// Of a store that was opened for it; one at a time, as begin().
  virtual Result<std::unique_ptr<ImportTransaction>> begin_import() = 0;
  /// What the medium's own inspection finds wrong, a sentence each, at most some dozens. It reads
  /// everything.
  virtual Result<std::vector<std::string>> inspect() { return std::vector<std::string>{}; }
};

/// What a store is opened for.
enum class Purpose {
  use,      ///< Made when missing. conflict: it is a copy that is not complete.
  inspect,  ///< As it is. not_found: there is none. conflict: as above.
  import,   ///< Made when missing; may be a copy that is not complete.
};

/// The one switch over backends.
Result<std::unique_ptr<Store>> open_store(std::string_view url, const Options& options,
                                          Purpose purpose = Purpose::use);

/// The refusal of a store with that import state, unless it is opened for importing.
Result<void> require_complete(std::string_view import_state, Purpose purpose);
/// not_found, for Purpose::inspect.
std::unexpected<Error> no_store_there(std::string_view where);
/// Whether a Horizon names other writers than the one of stores with one writer.
bool has_other_writers(const Horizon& horizon);
/// The place in a Horizon of whoever gave this version in this conversation.
Result<std::size_t> writer_of(Snapshot& snapshot, ConversationId conversation, Version version);
/// Fill them in, where there is one. A record whose writer nothing says becomes Unreadable.
Result<void> add_writers(Snapshot& snapshot, Standing& standing);
Result<void> add_writers(Snapshot& snapshot, std::vector<Record>& records);

}  // namespace msg
