// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "commit/batch.h"
#include "commit/committer.h"
#include "msg/changes.h"

namespace msg {

/// Messages that change after they were sent. Each change gets a version above all of the
/// conversation, and the change index leads sync from there to the message.

/// A message that the actor, an active member, may read.
struct Target {
  ConversationRow* conversation{};
  MemberRow* actor{};
  Message message;
};

/// not_found: no such message for the actor. permission_denied: a former member.
Result<Target> find_target(Batch& batch, UserId actor, const MessageId& id);
/// The same; not_found also when the actor deleted it for themselves.
Result<Target> find_shown_target(Batch& batch, UserId actor, const MessageId& id);

/// What the actor has put on the message; empty when nothing.
Result<AnnotationRow> find_annotation(Batch& batch, const Target& target);

/// What else there is to a change.
struct ChangeNote {
  std::optional<Revision> revision{};  ///< Of the content. Its version and time are filled in.
  std::optional<ReactionChange> reaction{};
};

/// Stores `changed`, which is otherwise as it shall be, under the `version` that was just taken for
/// it, and tells those who may read it. The answer is for the actor.
Result<Message> put_change(Batch& batch, const Target& target, Version version, Message changed,
                           ChangeNote note);

/// What a change of that message will read; `bytes` it holds in memory.
inline WorkHint hint_of(UserId actor, const MessageId& message, std::size_t bytes = 0) {
  return {
      .bytes = bytes,
      .touch = Touch{.conversation = message.conversation, .user = actor, .message = message.seq}};
}

}  // namespace msg
