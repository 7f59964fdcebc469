// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msg/annotations.h"
#include "msg/api_keys.h"
#include "msg/ids.h"
#include "msg/rules.h"

namespace msg {

enum class Audience { nobody, contacts, everyone };  // contacts: who shares a direct conversation
struct User {
  UserId id{};
  std::string phone{};  ///< E.164, "+14155550100"; unique. Empty: lost to who proved to have it.
  std::optional<std::string> username{};  ///< 3–32 of a-z 0-9 _ . starting with a letter; unique.
  std::string display_name{};             ///< 1–64 characters.
  std::string about{};                    ///< At most 256 characters.
  std::string avatar{};                   ///< At most 512 bytes, meaning left to the application.
  Time created_at{};
  Time updated_at{};
  bool read_receipts{true};                  ///< False: none are given, and none are got.
  Audience presence_to{Audience::contacts};  ///< Who learns whether, and when, the user is there.
  std::optional<Time> last_seen{};           ///< Not for others' eyes but through msg::Presence.
  bool operator==(const User&) const = default;
};

enum class ConversationKind { direct, group };
enum class MessageKind {
  text,
  image,
  video,
  audio,
  voice,
  file,
  sticker,
  location,
  contact,
  poll,
  system,
  custom,
  encrypted,
};
enum class MessageState { sent, delivered, read };  // ordered by progress

/// A message as members see it. What is fixed when it is sent stands before `changed`, what a
/// reader is told beside it behind `pin`.
struct Message {
  MessageId id;
  UserId sender{};
  MessageKind kind{MessageKind::text};
  std::string content{};             ///< UTF-8, at most Limits::content_bytes_max.
  std::optional<Seq> reply_to{};     ///< A message of the same conversation.
  std::optional<Time> timestamp{};   ///< The sender's own clock, kept as given.
  std::vector<UserId> mentions{};    ///< Members who are called, without repetition.
  std::optional<Forward> forward{};  ///< It was not written here.
  std::string client_id{};           ///< The sender's idempotency key; empty for other readers.
  Version version{};                 ///< Of its creation; rises with seq.
  Time created_at{};                 ///< time_of(version).
  std::optional<Version> changed{};  ///< Of its last change; none: it is as it was sent.
  std::optional<Time> edited_at{};
  /// For everyone: a tombstone. Only id, sender, kind, client_id and the versions are left.
  bool deleted{false};
  std::vector<ReactionCount> reactions{};  ///< In the order in which each kind came first.
  std::optional<Pin> pin{};
  /// The reader's own reactions, if there are any at all. Filled in history, by load_message() and
  /// in sync, where one reader asks.
  std::optional<std::vector<std::string>> own_reactions{};
  /// What reply_to says, filled likewise and in the event of a new message: none if the reader may
  /// not read that.
  std::optional<Quote> quote{};
  bool hidden{false};  ///< Deleted for the reader alone: it looks like a tombstone then.
  /// How far it got. Filled for the sender in history pages, else empty.
  std::optional<MessageState> state{};
  bool operator==(const Message&) const = default;
};

/// What every member may know of a conversation; the same for all of them.
struct Conversation {
  ConversationId id{};
  ConversationKind kind{};
  std::string title{};                 ///< Empty for direct.
  std::vector<UserId> direct_users{};  ///< The two users of a direct conversation, else empty.
  UserId created_by{};
  Time created_at{};
  Seq last_seq{};  ///< Of the newest message; Seq{0} when there is none.
  std::int64_t member_count{};
  GroupRules rules{};              ///< Of groups.
  std::optional<UserId> awaits{};  ///< Direct: who has not accepted it yet.
  Version version{};               ///< Of the last change to anything in the conversation.
};

/// A user in a conversation. `read` and `delivered` are watermarks: everything up to them is.
/// Others are shown what was told of reading only; who does not tell sees 0 as others' `read`.
struct Member {
  ConversationId conversation{};
  UserId user{};
  Role role{};
  bool active{true};                   ///< False once removed or left.
  Seq visible_from{};                  ///< First seq this member may read: the one after joining.
  std::optional<Seq> visible_until{};  ///< Last readable seq; set when removed or left.
  Seq delivered{};
  Seq read{};
  std::optional<Time> delivered_at{};  ///< When the watermark last rose.
  std::optional<Time> read_at{};
  Time joined_at{};
  Version version{};
};

/// How a user wants to have a conversation shown. Nobody else learns of it.
struct Preferences {
  bool pinned{false};  ///< On top of the list, which does not sort by it.
  bool archived{false};
  std::optional<Time> muted_until{};  ///< May have passed.
  bool operator==(const Preferences&) const = default;
};

/// One conversation as one user sees it in the list.
struct ConversationView {
  Conversation conversation;
  Member self;
  std::optional<Message> last_message{};  ///< Newest the user may read.
  std::int64_t unread_count{};  ///< Messages of others after self.read, or from unread_from on.
  /// Of these, messages that mention the reader: exact up to kMentionsCounted, which means "or
  /// more".
  std::int64_t mention_count{};
  std::vector<Seq> pinned{};  ///< Pinned messages that the reader may read, the latest pin last.
  std::optional<Seq> unread_from{};  ///< From where the user marked it unread again.
  Preferences preferences{};
};

/// How far a message got, over all recipients: the active members who may read it, less its sender.
struct MessageStatus {
  MessageId id;
  MessageState state{};  ///< The minimum over the recipients; sent when there are none.
  std::int64_t recipient_count{};
  std::int64_t delivered_count{};  ///< Includes those who read it.
  std::int64_t read_count{};
};

struct RecipientStatus {
  UserId user{};
  MessageState state{};
  /// When the receipt covering the message arrived. Exact for the latest 32 receipts of a member;
  /// for older ones the time of a later receipt, so "no later than".
  std::optional<Time> delivered_at{};
  std::optional<Time> read_at{};
};

/// A login of a user on one device. The token itself is shown once and only its hash is kept.
struct Session {
  SessionId id{};
  UserId user{};
  std::string device_name{};
  Time created_at{};
  Time last_seen_at{};  ///< At most kLastSeenStep too early.
  bool operator==(const Session&) const = default;
};
struct NewSession {
  Session session;
  std::string token{};  ///< "mss_" and 43 characters of base64url: 256 random bits.
};

/// Who stands behind a token: a user's session, or a backend's key when `session` is empty.
struct Principal {
  std::optional<Session> session{};
  std::optional<ApiKey> key{};
};

std::string_view to_string(ConversationKind kind);
std::string_view to_string(Role role);
std::string_view to_string(MessageKind kind);
std::string_view to_string(MessageState state);
std::string_view to_string(Audience audience);
std::optional<Audience> parse_audience(std::string_view text);
std::optional<Role> parse_role(std::string_view text);
std::optional<MessageKind> parse_message_kind(std::string_view text);

}  // namespace msg
