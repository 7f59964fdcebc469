// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "msg/changes.h"
#include "msg/requests.h"
#include "msg/types.h"

namespace msg::test {

// The operations of a sequence: calls of Messenger by the same names. Ids in them are the model's;
// what stands for a cursor is the place where the players keep theirs.

/// Where a cursor lies that was given earlier; none: the first page.
using CursorPlace = std::optional<std::size_t>;
/// A cursor that nobody gave.
inline constexpr std::size_t kForgedCursor = ~std::size_t{0};

struct Paging {
  int limit{};
  CursorPlace cursor{};
};

struct RegisterUser {
  NewUser user;
};
struct LoadUser {
  UserId user{};
};
struct LoadUserByPhone {
  std::string phone;
};
struct LoadUserByUsername {
  std::string username;
};
struct UpdateUser {
  UserId actor{};
  UserPatch patch;
};
struct ListUsers {
  Paging paging;
};

struct OpenDirect {
  UserId actor{};
  UserId peer{};
};
struct FindDirect {
  UserId actor{};
  UserId peer{};
};
struct CreateGroup {
  UserId actor{};
  NewGroup group;
};
struct LoadConversation {
  UserId actor{};
  ConversationId conversation{};
};
struct ListConversations {
  UserId actor{};
  Paging paging;
};

struct RenameGroup {
  UserId actor{};
  ConversationId conversation{};
  std::string title;
};
struct AddMember {
  UserId actor{};
  ConversationId conversation{};
  UserId user{};
  Role role{};
};
struct RemoveMember {
  UserId actor{};
  ConversationId conversation{};
  UserId user{};
};
struct ChangeRole {
  UserId actor{};
  ConversationId conversation{};
  UserId user{};
  Role role{};
};
struct ListMembers {
  UserId actor{};
  ConversationId conversation{};
  Paging paging;
};

struct Send {
  std::vector<Draft> drafts;  ///< One: send(); several: send_many().
};
struct EditMessage {
  UserId actor{};
  Edit edit;
};
struct DeleteMessage {
  UserId actor{};
  MessageId id;
};
struct React {
  UserId actor{};
  Reaction reaction;
  bool removes{false};
};
struct PinMessage {
  UserId actor{};
  MessageId id;
  bool removes{false};
};
struct ListRevisions {
  UserId actor{};
  MessageId id;
};
struct LoadMessage {
  UserId actor{};
  MessageId id;
};
struct History {
  UserId actor{};
  HistoryRequest request;  ///< Its cursor is empty; see `cursor`.
  CursorPlace cursor{};
};

struct Mark {
  UserId actor{};
  ReceiptMark mark;
};
struct MarkAllRead {
  UserId actor{};
};
struct MarkUnread {
  UserId actor{};
  ConversationId conversation{};
  Seq from{};
};
struct ListReceipts {
  UserId actor{};
  MessageId id;
  MessageState state{};
  Paging paging;
};
struct LoadStatus {
  UserId actor{};
  MessageId id;
};
struct ListRecipients {
  UserId actor{};
  MessageId id;
  Paging paging;
};

struct Sync {
  UserId actor{};
  Paging paging;
};
struct SyncPosition {};
/// The user's device syncs, page by page, and shows what it knows then.
struct CatchUp {
  UserId user{};
  int limit{};
  int pages_max{};  ///< Its connection breaks after so many; 0: never. Then nothing is shown.
  int back{};       ///< It is first put back to what it was so many such syncs ago.
};

/// The store is closed and opened again, if it is one that lasts.
struct Reopen {};

using Operation =
    std::variant<RegisterUser, LoadUser, LoadUserByPhone, LoadUserByUsername, UpdateUser, ListUsers,
                 OpenDirect, FindDirect, CreateGroup, LoadConversation, ListConversations,
                 RenameGroup, AddMember, RemoveMember, ChangeRole, ListMembers, Send, EditMessage,
                 DeleteMessage, React, PinMessage, ListRevisions, LoadMessage, History, Mark,
                 MarkAllRead, MarkUnread, ListReceipts, LoadStatus, ListRecipients, Sync,
                 SyncPosition, CatchUp, Reopen>;

/// For people: "ChangeRole user 3, conversation 2, user 5, admin".
std::string describe(const Operation& operation);

/// An operation, and by how much the clock is moved before it; sometimes back.
struct Step {
  std::chrono::milliseconds clock{};
  Operation operation;
};

}  // namespace msg::test
