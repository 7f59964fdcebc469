// SPDX-License-Identifier: Apache-2.0
#include "replica.h"

#include "contract.h"

namespace msg::test {

int Replica::catch_up(int limit) {
  for (int pages = 1; pages < 100'000; ++pages) {
    const auto page = must(messenger_.sync(user_, {.limit = limit, .cursor = cursor_}));
    apply(page);
    if (!page.has_more) return pages;
  }
  throw std::runtime_error("sync does not end");
}

void Replica::apply(const SyncPage& page) {
  for (const auto& delta : page.conversations) apply(delta);
  cursor_ = page.cursor;
}

void Replica::apply(const ConversationDelta& delta) {
  const auto& view = delta.view;
  Chat& chat = chats[view.conversation.id];
  if (!view.self.active) {
    chat = {};
    chat.active = false;
    return;  // what it knew it may keep; the tests compare active ones
  }
  if (!chat.active) chat = {};
  chat.title = view.conversation.title;
  chat.unread = view.unread_count;
  for (const auto& range : {delta.missing, delta.stale}) {
    if (!range) continue;
    const auto page = must(messenger_.history(user_, {.conversation = view.conversation.id,
                                                      .limit = 200,
                                                      .order = Order::oldest_first,
                                                      .after = Seq{to_int(range->from) - 1}}));
    // Tests keep gaps under a page.
    for (const auto& message : page.items) chat.messages[message.id.seq] = message.content;
  }
  for (const auto& message : delta.messages) chat.messages[message.id.seq] = message.content;
  std::erase_if(chat.messages,
                [&](const auto& entry) { return entry.first < view.self.visible_from; });
  for (const auto& member : delta.members) {
    if (member.active) {
      chat.marks[member.user] = {member.delivered, member.read};
      chat.roles[member.user] = member.role;
    } else {
      chat.marks.erase(member.user);
      chat.roles.erase(member.user);
    }
  }
}

Replica::Chats Replica::truth(Messenger& messenger, UserId user) {
  Chats chats;
  for (const auto& view :
       must(messenger.list_conversations(user, {.limit = 200, .cursor = {}})).items) {
    Chat& chat = chats[view.conversation.id];
    chat.title = view.conversation.title;
    chat.unread = view.unread_count;
    HistoryRequest request{.conversation = view.conversation.id, .limit = 200};
    while (true) {
      const auto page = must(messenger.history(user, request));
      for (const auto& message : page.items) chat.messages[message.id.seq] = message.content;
      if (!page.has_more) break;
      request.cursor = page.next;
    }
    const auto members =
        must(messenger.list_members(user, view.conversation.id, {.limit = 200, .cursor = {}}));
    for (const auto& member : members.items) {
      chat.marks[member.user] = {member.delivered, member.read};
      chat.roles[member.user] = member.role;
    }
  }
  return chats;
}

}  // namespace msg::test
