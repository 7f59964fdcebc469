// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "messenger/change.h"
#include "messenger/impl.h"
#include "messenger/personal.h"
#include "messenger/policy.h"
#include "messenger/view.h"

namespace msg {
namespace {

Result<Target> find_pinnable(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(Target target, find_shown_target(batch, actor, id));
  MSG_CHECK(may(Act::pin, *target.conversation, *target.actor));
  if (target.message.deleted) return fail(Code::conflict, "The message is deleted.");
  return target;
}

Result<Message> pin(Batch& batch, UserId actor, const MessageId& id, std::size_t pins_max) {
  MSG_TRY(Target target, find_pinnable(batch, actor, id));
  if (target.message.pin) {
    hide_from(target.message, actor);
    return std::move(target.message);
  }
  auto& pins = target.conversation->pins;
  if (pins.size() >= pins_max) {
    return fail(Code::conflict, "The conversation has " + std::to_string(pins_max) +
                                    " pinned messages: unpin another first.");
  }
  const Version version = batch.next_version(*target.conversation);
  pins.push_back(id.seq);
  Message changed = target.message;
  changed.pin = Pin{.by = actor, .version = version, .at = time_of(version)};
  return put_change(batch, target, version, std::move(changed), {});
}

Result<Message> unpin(Batch& batch, UserId actor, const MessageId& id) {
  MSG_TRY(Target target, find_pinnable(batch, actor, id));
  if (!target.message.pin) {
    hide_from(target.message, actor);
    return std::move(target.message);
  }
  const Version version = batch.next_version(*target.conversation);
  std::erase(target.conversation->pins, id.seq);
  Message changed = target.message;
  changed.pin.reset();
  return put_change(batch, target, version, std::move(changed), {});
}

}  // namespace

Result<Message> Messenger::pin(UserId actor, const MessageId& message) {
  const auto pins_max = impl_->options.limits.pins_max;
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return msg::pin(batch, actor, message, pins_max); },
      hint_of(actor, message));
}

Result<Message> Messenger::unpin(UserId actor, const MessageId& message) {
  return impl_->committer.run<Message>(
      [&](Batch& batch) { return msg::unpin(batch, actor, message); }, hint_of(actor, message));
}

Result<std::vector<Message>> Messenger::list_pins(UserId actor, ConversationId conversation) {
  MSG_TRY(const auto snapshot, impl_->store->late_snapshot());
  MSG_TRY(const auto access, load_access(*snapshot, actor, conversation));
  std::vector<MessageId> ids;
  for (const Seq seq : readable_pins(access)) ids.push_back({conversation, seq});
  MSG_TRY(auto found, snapshot->find_messages(ids));
  std::vector<Message> messages;
  for (auto& message : found) {
    if (!message) return fail(Code::corrupt, "A pinned message is not stored.");
    hide_from(*message, actor);
    messages.push_back(*std::move(message));
  }
  MSG_CHECK(add_personal(*snapshot, access, messages));
  return messages;
}

}  // namespace msg
