// SPDX-License-Identifier: Apache-2.0
#include "messenger/personal.h"

#include <vector>

namespace msg {

Result<void> add_personal(Snapshot& snapshot, const Access& access, std::span<Message> messages) {
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

}  // namespace msg
