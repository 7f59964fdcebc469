// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "msg/changes.h"
#include "msg/types.h"

namespace msg {

/// How many messages one sender has sent in a conversation, ever.
struct SenderCount {
  UserId user{};
  std::int64_t count{};
  bool operator==(const SenderCount&) const = default;
};

/// What its two users have against, or for, a direct conversation.
struct DirectState {
  bool low_blocks{false};
  bool high_blocks{false};
  bool awaits_low{false};
  bool awaits_high{false};
  bool operator==(const DirectState&) const = default;
};

/// The head of a conversation: one record, rewritten by each send.
struct ConversationRow {
  ConversationId id{};
  ConversationKind kind{};
  std::string title;
  UserId direct_low{};  ///< Both 0 for groups; the same user twice for notes to oneself.
  UserId direct_high{};
  UserId created_by{};
  Time created_at{};
  Seq last_seq{};
  Version activity{};  ///< Of the newest message, else of the creation: order of the list.
  Version changes{};   ///< Of the last change to a message; 0: there was none.
  std::int64_t member_count{};
  std::int64_t owner_count{};
  Version version{};
  /// Counts of the latest senders, most recent first, at most kSendersInHead. They stand here so
  /// that a send need not rewrite the sender's member record; who drops out is written there.
  std::vector<SenderCount> senders;
  std::vector<Seq> pins{};  ///< Pinned messages, the latest pin last.
  GroupRules rules{};
  DirectState direct{};
  bool operator==(const ConversationRow&) const = default;
};
inline constexpr std::size_t kSendersInHead = 8;

/// A point of a watermark's history: it reached `up_to` at `at`.
struct ReceiptRun {
  Seq up_to{};
  Time at{};
  bool operator==(const ReceiptRun&) const = default;
};
inline constexpr std::size_t kReceiptRunsMax = 32;

/// A message that a member deleted for themselves.
struct HiddenMessage {
  Seq seq{};
  Version version{};
  bool operator==(const HiddenMessage&) const = default;
};
/// More of them make the oldest ones' versions unknown.
inline constexpr std::size_t kHiddenRecentMax = 32;
/// What a member knows and others do not. Most members have none.
struct MemberOwn {
  Version version{};      ///< Of the last change that only the user is told of; 0: none.
  std::size_t writer{0};  ///< Who gave that version: a place in a Horizon.
  std::optional<Seq> unread_from{};
  std::int64_t sent_count_before_unread{};  ///< Own messages before `unread_from`.
  std::optional<Seq> shown_read{};          ///< What others see as `read`, when that is less.
  std::optional<Time> hidden_read_at{};     ///< The last read that others were not told of.
  Preferences preferences{};
  bool operator==(const MemberOwn&) const = default;
};

struct MemberRow {
  ConversationId conversation{};
  UserId user{};
  Role role{};
  bool active{true};
  Seq visible_from{};
  std::optional<Seq> visible_until;
  /// The last message before joining, where those before it are readable too; else 0.
  Seq joined_after{};
  Seq delivered{};
  Seq read{};
  std::vector<ReceiptRun> delivered_runs;  ///< Ascending, at most kReceiptRunsMax.
  std::vector<ReceiptRun> read_runs;       ///< Of what others see.
  std::int64_t sent_count{};               ///< Own messages, when the head does not say.
  std::int64_t sent_count_at_read{};       ///< Own messages among those up to `read`.
  Time joined_at{};
  Version version{};
  std::vector<Seq> mentions{};  ///< Unread ones, ascending: the latest kMentionsCounted.
  /// Messages deleted for this member alone: the latest, and the version of the latest of those
  /// that are not here any more.
  std::vector<HiddenMessage> hidden{};
  Version hidden_dropped_up_to{};
  MemberOwn own{};
  bool operator==(const MemberRow&) const = default;
};

/// Messages up to it are none that the member was ever to receive.
inline Seq last_before_joining(const MemberRow& member) {
  return std::max(member.joined_after, Seq{to_int(member.visible_from) - 1});
}

/// The user's side of a member: which conversations a user has, or had.
struct MembershipRow {
  UserId user{};
  ConversationId conversation{};
  bool active{true};
  Version version{};         ///< Of joining or leaving.
  bool with_history{false};  ///< Messages from before joining are readable too.
  bool operator==(const MembershipRow&) const = default;
};

/// A conversation and one of its members, active or former.
struct Participation {
  ConversationRow conversation;
  MemberRow member;
  std::optional<bool> read_receipts{};  ///< Of the user, where it came along.
  /// Tag of the life (core/horizon.h) that gave the conversation's version; 0: it did not come.
  std::uint32_t life{0};
};

/// All that a list or a sync needs to know of a user's conversation before it looks inside, with
/// the places in a Horizon of those who changed it last.
struct Standing {
  MembershipRow membership;
  ConversationRow conversation;
  MemberRow member;
  std::size_t membership_writer{0};
  std::size_t conversation_writer{0};
};

/// Where a conversation stands in lists: the later activity first, then the larger id.
struct ListPlace {
  Version activity{};
  ConversationId conversation{};
  auto operator<=>(const ListPlace&) const = default;
};

/// An entry of the change index: the message that changed last at this version.
struct MessageChange {
  Version version{};
  Seq seq{};
  bool operator==(const MessageChange&) const = default;
};

/// What became of a message's content, oldest first, at most kRevisionsMax.
struct RevisionsRow {
  MessageId message;
  Version dropped_up_to{};  ///< Of the newest revision that had to make room; 0: none had to.
  std::vector<Revision> revisions;
  bool operator==(const RevisionsRow&) const = default;
};

/// What one member has put on one message: reactions, or that it is deleted for them.
struct AnnotationRow {
  MessageId message;
  UserId user{};
  Version hidden{};  ///< Since when; 0: it is not.
  std::vector<MemberReaction> reactions{};
  bool empty() const { return hidden == Version{} && reactions.empty(); }
  bool operator==(const AnnotationRow&) const = default;
};

/// No request has this hash, or one in 2^128.
inline constexpr std::array<unsigned char, 16> kForgottenRequest{};

struct IdempotencyRow {
  /// kForgottenRequest once the message is deleted: a short text could be guessed from a hash.
  std::array<unsigned char, 16> request_hash{};
  Seq seq{};
  bool operator==(const IdempotencyRow&) const = default;
};

using TokenHash = std::array<unsigned char, 32>;  ///< SHA-256 of a token.

}  // namespace msg
