// SPDX-License-Identifier: Apache-2.0
#include "messenger/change.h"
#include "messenger/impl.h"
#include "messenger/personal.h"

namespace msg {
namespace {

void add_hidden(MemberRow& member, const HiddenMessage& hidden) {
  member.hidden.push_back(hidden);
  if (member.hidden.size() <= kHiddenRecentMax) return;
  member.hidden_dropped_up_to = member.hidden.front().version;
  member.hidden.erase(member.hidden.begin());
}

/// The others are not told: they find that the head has another version, and nothing new.
Result<Message> hide(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(Target target, find_target(batch, actor, id));
  MSG_TRY(AnnotationRow own, find_annotation(batch, target));
  if (own.hidden == Version{}) {
    ConversationRow& conversation = *target.conversation;
    own.hidden = conversation.version = batch.next_version(conversation);
    batch.changed(conversation);
    add_hidden(*target.actor, {.seq = id.seq, .version = own.hidden});
    std::erase(target.actor->mentions, id.seq);
    batch.changed(*target.actor);
    MSG_CHECK(batch.rows().put_annotation(own));
    batch.emit(conversation.id, own.hidden, HideEvent{.user = actor, .message = id}).only_for =
        actor;
  }
  hide_content(target.message, own.hidden);
  return std::move(target.message);
}

}  // namespace

Result<Message> Messenger::delete_for_me(UserId actor, const MessageId& message) {
  return impl_->committer.run<Message>([&](Batch& batch) { return hide(batch, actor, message); },
                                       hint_of(actor, message));
}

}  // namespace msg
