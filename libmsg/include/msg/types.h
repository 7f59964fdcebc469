// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msg {

/// Ids name things and are never reused. 63 bits: 41 of milliseconds since 2024-01-01 UTC, 10 of
/// node, 12 of counter, so that any number of nodes make them without asking each other.
enum class UserId : std::int64_t {};
enum class ConversationId : std::int64_t {};
enum class SessionId : std::int64_t {};
enum class ApiKeyId : std::int64_t {};

/// Place of a message in its conversation: 1, 2, 3 … without a hole. Seq{0} is "before the first".
enum class Seq : std::int64_t {};

/// Stamp of a change: a hybrid logical clock (Kulkarni et al. 2014), milliseconds since 1970 in
/// the upper 48 bits and a counter in the lower 16. Every change in a conversation gets a larger
/// one; so does every change in a store that one process writes.
enum class Version : std::int64_t {};

/// UTC with millisecond resolution, the only resolution stored or sent.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

template <class Id>
constexpr std::int64_t to_int(Id id) {
  return static_cast<std::int64_t>(id);
}

constexpr Time time_of(Version version) {
  return Time{std::chrono::milliseconds{to_int(version) >> 16}};
}

/// Names a message everywhere: its conversation and its place there. No lookup table is needed to
/// find the message. Text form: "<conversation>-<seq>".
struct MessageId {
  ConversationId conversation{};
  Seq seq{};
  auto operator<=>(const MessageId&) const = default;
};
std::string to_string(const MessageId& id);
/// Nothing when the text is not exactly what to_string() gives for some id.
std::optional<MessageId> parse_message_id(std::string_view text);

enum class Audience { nobody, contacts, everyone };  // contacts: who shares a direct conversation
struct User {
  UserId id{};
  std::string phone{};                    ///< E.164, "+14155550100"; unique.
  std::optional<std::string> username{};  ///< 3–32 of a-z 0-9 _ . starting with a letter; unique.
  std::string display_name{};             ///< 1–64 characters.
  std::string about{};                    ///< At most 256 characters.
  std::string avatar{};                   ///< At most 512 bytes, meaning left to the application.
  Time created_at{};
  Time updated_at{};
  Audience presence_to{Audience::contacts};  ///< Who learns whether, and when, the user is there.
  std::optional<Time> last_seen{};           ///< Not for others' eyes but through msg::Presence.
  bool operator==(const User&) const = default;
};

enum class ConversationKind { direct, group };
enum class Role { member, admin, owner };  // ordered by power
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

/// A message as members see it. Everything but edited_at and deleted is fixed when it is sent.
struct Message {
  MessageId id;
  UserId sender{};
  MessageKind kind{MessageKind::text};
  std::string content{};            ///< UTF-8, at most Limits::content_bytes_max.
  std::optional<Seq> reply_to{};    ///< A message of the same conversation.
  std::optional<Time> timestamp{};  ///< The sender's own clock, kept as given.
  std::string client_id{};          ///< The sender's idempotency key; empty for other readers.
  Version version{};                ///< Of its creation; rises with seq.
  Time created_at{};                ///< time_of(version).
  std::optional<Time> edited_at{};
  bool deleted{false};
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
  Version version{};  ///< Of the last change to anything in the conversation.
};

/// A user in a conversation. `read` and `delivered` are watermarks: everything up to them is.
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

/// One conversation as one user sees it in the list.
struct ConversationView {
  Conversation conversation;
  Member self;
  std::optional<Message> last_message{};  ///< Newest the user may read.
  std::int64_t unread_count{};            ///< Messages of others after self.read.
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
  bool operator==(const Session&) const = default;
};
struct NewSession {
  Session session;
  std::string token{};  ///< "mss_" and 43 characters of base64url: 256 random bits.
};

/// A secret of a trusted backend, which may act for any user and manage users.
struct ApiKey {
  ApiKeyId id{};
  std::string name{};
  Time created_at{};
  bool operator==(const ApiKey&) const = default;
};
struct NewApiKey {
  ApiKey key;
  std::string secret{};  ///< "msk_" and 43 characters of base64url.
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
