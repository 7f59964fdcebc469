// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "msg/types.h"

namespace msg {

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
};

/// Advances a watermark: everything up to `up_to` was delivered, or read (and so delivered).
struct ReceiptMark {
  ConversationId conversation{};
  MessageState state{MessageState::read};  ///< delivered or read.
  Seq up_to{};
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
  std::vector<Message> messages{};    ///< New and changed ones, oldest first.
  std::optional<SeqRange> missing{};  ///< Older new messages left out; read them by history.
  std::vector<Member> members{};      ///< Changed since the cursor.
  /// More changed than a page holds (Limits::page_size_max): list the members again. `members` has
  /// no more than the reader's own then.
  bool more_members{false};
};

struct SyncPage {
  std::vector<ConversationDelta> conversations{};
  std::string cursor{};  ///< For the next call; under 1 KiB.
  bool has_more{false};  ///< Call again at once to be up to date.
};

}  // namespace msg
