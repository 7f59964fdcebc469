// SPDX-License-Identifier: Apache-2.0
#include "messenger/personal.h"

#include <algorithm>
#include <vector>

namespace msg {
namespace {

Result<void> add_own_reactions(Snapshot& snapshot, const Access& access,
                               std::span<Message> messages) {
  std::vector<MessageId> ids;
  for (const Message& message : messages) {
    if (!message.reactions.empty()) ids.push_back(message.id);
  }
  if (ids.empty()) return {};
  MSG_TRY(const auto found, snapshot.find_annotations(ids, access.self.user));
  auto annotation = found.begin();
  for (Message& message : messages) {
    if (message.reactions.empty()) continue;
    auto& own = message.own_reactions.emplace();
    if (*annotation) {
      for (const auto& given : (*annotation)->reactions) own.push_back(given.emoji);
    }
    ++annotation;
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
  }
  for (Message& message : messages) {
    if (!is_readable(message)) continue;
    const MessageId id{message.id.conversation, *message.reply_to};
    const auto place = std::ranges::lower_bound(ids, id) - ids.begin();
    message.quote = quote_of(*answered.at(static_cast<std::size_t>(place)));
  }
  return {};
}

}  // namespace

Result<void> add_personal(Snapshot& snapshot, const Access& access, std::span<Message> messages) {
  MSG_CHECK(add_own_reactions(snapshot, access, messages));
  return add_quotes(snapshot, access, messages);
}

}  // namespace msg
