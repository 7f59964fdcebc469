// SPDX-License-Identifier: Apache-2.0
#include "messenger/personal.h"

#include <algorithm>
#include <vector>

#include "core/quote.h"

namespace msg {
namespace {

void add_own(Message& message, const std::optional<AnnotationRow>& annotation) {
  if (annotation && annotation->hidden != Version{}) {
    return hide_content(message, annotation->hidden);
  }
  if (message.reactions.empty()) return;
  auto& own = message.own_reactions.emplace();
  if (!annotation) return;
  for (const auto& given : annotation->reactions) own.push_back(given.emoji);
}

/// Of messages with reactions, and of all when the reader ever deleted one.
Result<void> add_annotations(Snapshot& snapshot, const Access& access,
                             std::span<Message> messages) {
  const bool has_hidden = !access.self.hidden.empty();
  const auto is_asked = [&](const Message& message) {
    return has_hidden || !message.reactions.empty();
  };
  std::vector<MessageId> ids;
  for (const Message& message : messages) {
    if (is_asked(message)) ids.push_back(message.id);
  }
  if (ids.empty()) return {};
  MSG_TRY(const auto found, snapshot.find_annotations(ids, access.self.user));
  auto annotation = found.begin();
  for (Message& message : messages) {
    if (is_asked(message)) add_own(message, *annotation++);
  }
  return {};
}

/// The answered messages are read as they are now, once each: an edit shows in every quote, a
/// deletion leaves none of it.
Result<void> add_quotes(Snapshot& snapshot, const Access& access, std::span<Message> messages) {
  const auto is_readable = [&](const Message& message) {
    return message.reply_to && *message.reply_to >= access.first_seq() &&
           *message.reply_to <= access.last_seq();
  };
  std::vector<MessageId> ids;
  for (const Message& message : messages) {
    if (is_readable(message)) ids.push_back({message.id.conversation, *message.reply_to});
  }
  if (ids.empty()) return {};
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  MSG_TRY(auto answered, snapshot.find_messages(ids));
  for (auto& message : answered) {
    if (!message) return fail(Code::corrupt, "an answered message is not stored");
    MSG_CHECK(rewind(snapshot, access, *message));
    MSG_CHECK(take_out_hidden(snapshot, access, {&*message, 1}));
  }
  for (Message& message : messages) {
    if (!is_readable(message)) continue;
    const MessageId id{message.id.conversation, *message.reply_to};
    const auto place = std::ranges::lower_bound(ids, id) - ids.begin();
    const Message& quoted = *answered.at(static_cast<std::size_t>(place));
    if (!quoted.hidden) message.quote = quote_of(quoted);
  }
  return {};
}

}  // namespace

Result<void> add_personal(Snapshot& snapshot, const Access& access, std::span<Message> messages) {
  MSG_CHECK(add_annotations(snapshot, access, messages));
  return add_quotes(snapshot, access, messages);
}

Result<void> take_out_hidden(Snapshot& snapshot, const Access& access,
                             std::span<Message> messages) {
  return access.self.hidden.empty() ? Result<void>{} : add_annotations(snapshot, access, messages);
}

void hide_content(Message& message, Version since) {
  message = Message{.id = message.id,
                    .sender = message.sender,
                    .kind = message.kind,
                    .version = message.version,
                    .created_at = message.created_at,
                    .changed = std::max(since, message.changed.value_or(since)),
                    .deleted = message.deleted,
                    .hidden = true};
}

}  // namespace msg
