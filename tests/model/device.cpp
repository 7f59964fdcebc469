// SPDX-License-Identifier: Apache-2.0
#include "model/device.h"

#include <algorithm>

namespace msg::test {

Result<std::optional<Screen>> Device::catch_up(Messenger& messenger, int limit, int pages_max) {
  constexpr std::size_t kKept = 40;
  earlier_.push_back(now_);
  if (earlier_.size() > kKept) earlier_.erase(earlier_.begin());
  for (int pages = 1;; ++pages) {
    MSG_TRY(const SyncPage page, messenger.sync(user_, {.limit = limit, .cursor = now_.cursor}));
    for (const auto& delta : page.conversations) MSG_CHECK(apply(messenger, delta));
    now_.cursor = page.cursor;
    if (!page.has_more) return now_.screen;
    if (pages == pages_max) return std::nullopt;
  }
}

void Device::put_back(int back) {
  for (; back > 0 && !earlier_.empty(); --back) {
    now_ = std::move(earlier_.back());
    earlier_.pop_back();
  }
}

Result<void> Device::apply(Messenger& messenger, const ConversationDelta& delta) {
  const auto& view = delta.view;
  const ConversationId id = view.conversation.id;
  if (!view.self.active) {
    now_.screen.erase(id);
    return {};
  }
  Chat& chat = now_.screen[id];
  chat.title = view.conversation.title;
  chat.unread = view.unread_count;
  for (const auto& message : delta.messages) chat.messages[message.id.seq] = shown_text(message);
  for (const auto& member : delta.members) apply_member(chat, member);
  // What one reads without telling comes with the view alone.
  if (chat.people.contains(user_)) apply_member(chat, view.self);
  if (delta.missing) MSG_CHECK(read_missing(messenger, id, *delta.missing));
  if (delta.stale) MSG_CHECK(read_missing(messenger, id, *delta.stale));
  if (delta.more_members) MSG_CHECK(read_people(messenger, id));
  // Who left and came again may have missed the news of it, and forgets what was before.
  std::erase_if(chat.messages,
                [&](const auto& entry) { return entry.first < view.self.visible_from; });
  return {};
}

void Device::apply_member(Chat& chat, const Member& member) {
  if (member.active) {
    chat.people[member.user] = {member.role, member.delivered, member.read};
  } else {
    chat.people.erase(member.user);
  }
}

Result<void> Device::read_missing(Messenger& messenger, ConversationId conversation,
                                  const SeqRange& missing) {
  HistoryRequest request{.conversation = conversation,
                         .order = Order::oldest_first,
                         .after = Seq{to_int(missing.from) - 1}};
  while (true) {
    MSG_TRY(const auto page, messenger.history(user_, request));
    for (const auto& message : page.items) {
      if (message.id.seq > missing.to) return {};
      now_.screen[conversation].messages[message.id.seq] = shown_text(message);
    }
    if (!page.has_more) return {};
    request = {.conversation = conversation, .cursor = page.next};
  }
}

Result<void> Device::read_people(Messenger& messenger, ConversationId conversation) {
  Chat& chat = now_.screen[conversation];
  chat.people.clear();
  PageRequest request;
  while (true) {
    MSG_TRY(const auto page, messenger.list_members(user_, conversation, request));
    for (const auto& member : page.items) apply_member(chat, member);
    if (!page.has_more) return {};
    request.cursor = page.next;
  }
}

}  // namespace msg::test
