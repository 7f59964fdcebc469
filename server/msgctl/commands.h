// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "msg/requests.h"
#include "msgctl/failure.h"
#include "msgctl/settings.h"

namespace msgctl {

// One struct per command: what the command line said, not yet looked at.

struct UserAdd {
  std::string phone, username, name, about;
};
struct UserList {
  int limit{0};  ///< 0: all.
};
struct UserShow {
  std::string who;
};
struct TokenNew {
  std::string who, device;
};
struct TokenList {
  std::string who;
};
struct TokenRevoke {
  std::string who, session;
};
struct KeyNew {
  std::string name;
  std::vector<std::string> scopes;  ///< None: all that its maker has.
};
struct KeyList {};
struct KeyRevoke {
  std::string id;
};
struct AuditList {
  int limit{0};  ///< 0: all.
};
using AdminCommand = std::variant<UserAdd, UserList, UserShow, TokenNew, TokenList, TokenRevoke,
                                  KeyNew, KeyList, KeyRevoke, AuditList>;

/// A conversation: the direct one with a person, or a group.
struct Target {
  std::string who;
  std::string group;
};
struct Send {
  std::vector<std::string> words;  ///< Person and text, or with --group only the text.
  std::string group, client_id;
};
struct History {
  Target target;
  int limit{0};
  std::int64_t before{0};
  std::string order{"desc"};
};
struct Conversations {
  int limit{0};
};
struct GroupNew {
  std::string title;
  std::vector<std::string> members;
};
struct Sync {
  std::string cursor;
};
using UserCommand = std::variant<Send, History, Conversations, GroupNew, Sync>;
struct Health {};

struct Edit {
  std::string message, text;
};
struct Delete {
  std::string message;
  bool for_me{false};
};
struct Status {
  std::string message;
};
struct Revisions {
  std::string message;
};
struct React {
  std::string message, emoji;
  bool undo{false};
};
struct Pin {
  std::string message;
  bool undo{false};
};
struct Pins {
  Target target;
};
struct Forward {
  std::string message;
  Target target;
  std::string client_id;
};
struct Read {
  Target target;
  bool all{false};
};
using MessageCommand =
    std::variant<Edit, Delete, Status, Revisions, React, Pin, Pins, Forward, Read>;

/// Who may do what in a group, and who comes in.
struct Rules {
  std::string group, send, add, rename, pin, history;
  std::int64_t slow_mode{-1}, members_max{-1};
};
struct Invite {
  std::string group;
  std::int64_t lifetime{0}, uses{0};
  bool approval{false};
};
struct Invitations {
  std::string group;
};
struct InvitationRevoke {
  std::string token;
};
struct Join {
  std::string token;
};
struct JoinRequests {
  std::string group;
};
struct JoinAnswer {
  std::string group, who;
  bool let_in{true};
};
struct Accept {
  std::string who;
};
struct BlockUser {
  std::string who;
};
struct UnblockUser {
  std::string who;
};
struct Blocks {};
using RulesCommand = std::variant<Rules, Invite, Invitations, InvitationRevoke, Join, JoinRequests,
                                  JoinAnswer, Accept, BlockUser, UnblockUser, Blocks>;

struct Chat {
  Target target;
  int history{-1};  ///< Messages shown at the beginning; -1: 30 on a terminal, none otherwise.
  bool stay{false};
};

/// Signing in, and what becomes of the sessions of whoever runs this.
struct Login {
  std::string phone, device;
  bool asks_pin{false};
  bool new_account{false};
};
struct SessionList {};
struct SessionRename {
  std::string session, name;
};
struct SessionRevoke {
  std::string session;
};
struct SessionRevokeOthers {};
using SessionCommand =
    std::variant<Login, SessionList, SessionRename, SessionRevoke, SessionRevokeOthers>;

/// Work on whole stores, which no server has open.
struct Copy {
  std::string from, to;
  bool verify{false};
  bool quiet{false};
};
struct Check {
  std::string url;
  bool quiet{false};
};
using StoreCommand = std::variant<Copy, Check>;

using Command = std::variant<AdminCommand, UserCommand, SessionCommand, MessageCommand,
                             RulesCommand, Health, StoreCommand, Chat>;

// Each gives what belongs on standard output: text for people, or one line of JSON with --json.

/// Over HTTP, or with --store on the store itself.
Outcome<std::string> run(const Globals& globals, const AdminCommand& command);
/// Over HTTP.
Outcome<std::string> run(const Globals& globals, const UserCommand& command);
Outcome<std::string> run(const Globals& globals, const MessageCommand& command);
Outcome<std::string> run(const Globals& globals, const RulesCommand& command);
Outcome<std::string> run(const Globals& globals, const Health& command);
/// Over HTTP. Login reads the code, and the PIN, from standard input.
Outcome<std::string> run(const Globals& globals, const SessionCommand& command);

/// Prints by itself: progress on standard error, the report on standard output. Exit::refused: the
/// stores differ, or the one that was checked has problems.
Outcome<Exit> run(const Globals& globals, const StoreCommand& command);

}  // namespace msgctl
