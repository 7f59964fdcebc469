// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "msg/types.h"

namespace msg {

/// Bounds of Messenger::mark_unread() and list_receipts(); see there.
inline constexpr std::int64_t kUnreadBackMax = 10'000;
inline constexpr int kReceiptsScanMax = 1000;
/// How exactly a session's last use is known: its record is rewritten this often at most.
inline constexpr std::chrono::milliseconds kLastSeenStep = std::chrono::minutes(10);

struct NewUser {
  std::string phone{};  ///< International, any usual spelling: "+1 (415) 555-0100", "0044 20 …".
  std::optional<std::string> username{};
  std::string display_name{};  ///< Empty: the username, else the last four digits of the phone.
  std::string about{};
  std::string avatar{};
};

/// Fields left empty stay as they are.
struct UserPatch {
  std::optional<std::string> phone{};
  std::optional<std::string> username{};  ///< "" gives the name up.
  std::optional<std::string> display_name{};
  std::optional<std::string> about{};
  std::optional<std::string> avatar{};
  std::optional<bool> read_receipts{};
  std::optional<Audience> presence_to{};
};

/// A moment at which a user was there.
struct LastSeen {
  UserId user{};
  Time at{};
};

struct NewGroup {
  std::string title{};
  std::vector<UserId> users{};  ///< Others to add as members; the creator becomes the owner.
};

/// A message about to be sent.
struct Draft {
  ConversationId conversation{};
  UserId sender{};
  std::string content{};
  MessageKind kind{MessageKind::text};  ///< `system` is the library's own and refused.
  std::optional<Seq> reply_to{};
  std::optional<Time> timestamp{};
  /// Idempotency key, 1–128 printable ASCII bytes, unique per (conversation, sender) for as long
  /// as the message lives. Empty: every call sends a new message.
  std::string client_id{};
  /// Members of the conversation who are called, each once, at most Limits::mentions_max.
  std::vector<UserId> mentions{};
};

/// A message to be passed on to another conversation, or the same. Its content and kind go along,
/// nothing else of it.
struct ForwardDraft {
  MessageId message;  ///< One that the sender may read.
  UserId sender{};
  ConversationId conversation{};  ///< Where it shall go.
  std::string client_id{};        ///< As of a Draft.
};

/// Advances a watermark: everything up to `up_to` was delivered, or read (and so delivered).
struct ReceiptMark {
  ConversationId conversation{};
  MessageState state{MessageState::read};  ///< delivered or read.
  Seq up_to{};
};

/// What became of a mark that a conversation is unread.
struct UnreadMark {
  ConversationId conversation{};
  std::optional<Seq> unread_from{};  ///< None: there is no mark.
  std::int64_t unread_count{};
  bool operator==(const UnreadMark&) const = default;
};

/// Fields left empty stay as they are.
struct PreferencesPatch {
  std::optional<bool> pinned{};
  std::optional<bool> archived{};
  std::optional<Time> muted_until{};  ///< At most in the year 9999. One that has passed unmutes.
};

/// One recipient's receipt for a message.
struct Receipt {
  UserId user{};
  std::optional<Time> at{};  ///< As RecipientStatus::delivered_at and read_at.
  bool operator==(const Receipt&) const = default;
};

/// Who has received, or read, a message.
struct ReceiptsRequest {
  MessageId message{};
  MessageState state{MessageState::read};  ///< delivered (read ones included) or read.
  int limit = 0;
  std::string cursor{};
};

struct PageRequest {
  int limit = 0;         ///< 1 … Limits::page_size_max; 0 means the default.
  std::string cursor{};  ///< From an earlier page of the same list; empty for the first.
};

/// A part of a sequence, and how to go on in both directions. Cursors are opaque, signed by the
/// store that made them, and stay valid as long as it lives.
template <class T>
struct Page {
  std::vector<T> items{};
  std::string next{};    ///< Continues behind the last item; empty only when there is no place.
  std::string prev{};    ///< Continues before the first item, same order of items.
  bool has_more{false};  ///< There is something behind the last item now.
  bool has_prev{false};
};

enum class Order { newest_first, oldest_first };

/// Which part of a conversation to read. A cursor goes on where its page ended and brings order
/// and dates along; without one at most one of before, after, around may be given.
struct HistoryRequest {
  ConversationId conversation{};
  int limit = 0;
  std::string cursor{};
  Order order{Order::newest_first};
  std::optional<Seq> before{};  ///< Strictly older than this seq.
  std::optional<Seq> after{};   ///< Strictly newer than this seq.
  std::optional<Seq> around{};  ///< This seq in the middle of the page.
  std::optional<Time> from{};   ///< created_at ≥ from.
  std::optional<Time> to{};     ///< created_at < to.
};

struct SyncRequest {
  int limit = 0;         ///< Conversations per page.
  std::string cursor{};  ///< Empty: everything, from the beginning.
};

/// Messages from..to, both included.
struct SeqRange {
  Seq from{};
  Seq to{};
};

/// What changed in one conversation since the cursor. All of it is state, so applying a delta
/// twice is harmless.
struct ConversationDelta {
  ConversationView view;
  std::vector<Message> messages{};    ///< New and changed ones, oldest first; a page at most.
  std::optional<SeqRange> missing{};  ///< Older new messages left out; read them by history.
  /// Old messages that changed and were left out lie in here: read those again that you keep.
  std::optional<SeqRange> stale{};
  std::vector<Member> members{};  ///< Changed since the cursor.
  /// More changed than a page holds (Limits::page_size_max): list the members again. `members` has
  /// no more than the reader's own then.
  bool more_members{false};
};

/// What a device has once it has taken in all pages that follow its cursor.
enum class Resumed {
  complete,   ///< All that it had, brought up to date: nothing was missed.
  beginning,  ///< All there is; it came with no cursor.
};
std::string_view to_string(Resumed resumed);

struct SyncPage {
  std::vector<ConversationDelta> conversations{};
  std::string cursor{};  ///< For the next call; under 1 KiB.
  bool has_more{false};  ///< Call again at once to be up to date.
  Resumed resumed{};     ///< By the request; a cursor that cannot be resumed from is an error.
};

}  // namespace msg
