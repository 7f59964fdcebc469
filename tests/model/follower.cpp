// SPDX-License-Identifier: Apache-2.0
#include "model/follower.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace msg::test {
namespace {

/// Calls `take` for each item of all pages.
template <class List, class Take>
Result<void> for_each(const List& list, const Take& take) {
  PageRequest request;
  while (true) {
    MSG_TRY(auto page, list(request));
    for (auto& item : page.items) MSG_CHECK(take(std::move(item)));
    if (!page.has_more) return {};
    request.cursor = page.next;
  }
}

Result<void> list_members(Messenger& messenger, UserId user, ConversationId conversation,
                          Knowledge::Chat& chat) {
  chat.members.clear();
  return for_each(
      [&](const PageRequest& page) { return messenger.list_members(user, conversation, page); },
      [&](const Member& member) -> Result<void> {
        chat.members[member.user] = member;
        return {};
      });
}

/// Messages of others behind the own watermark, counted one by one.
std::int64_t count_unread(const Knowledge::Chat& chat, UserId user) {
  const auto self = chat.members.find(user);
  const Seq read = self == chat.members.end() ? Seq{} : self->second.read;
  return std::ranges::count_if(chat.messages, [&](const auto& entry) {
    return entry.first > read && entry.second.sender != user;
  });
}

Result<void> look_up_chat(Messenger& messenger, UserId user, const ConversationView& view,
                          Knowledge::Chat& chat) {
  const ConversationId id = view.conversation.id;
  chat.title = view.conversation.title;
  chat.kind = view.conversation.kind;
  MSG_CHECK(list_members(messenger, user, id, chat));
  const auto history = [&](const PageRequest& page) {
    return messenger.history(user, {.conversation = id, .cursor = page.cursor});
  };
  const auto take = [&](Message message) -> Result<void> {
    message.state.reset();  // only history knows it
    chat.messages[message.id.seq] = std::move(message);
    return {};
  };
  MSG_CHECK(for_each(history, take));
  if (count_unread(chat, user) == view.unread_count) return {};
  return std::unexpected(Error{Code::corrupt, "unread_count is not a recount"});
}

std::string tell(const std::optional<Time>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "-";
}

void tell(std::ostream& out, const Message& message) {
  out << "  #" << to_int(message.id.seq) << " user " << to_int(message.sender) << ' '
      << to_string(message.kind) << ' ' << std::quoted(message.content) << " to "
      << to_int(message.reply_to.value_or(Seq{})) << " key " << std::quoted(message.client_id)
      << " version " << to_int(message.version) << " sent " << tell(message.timestamp) << " edited "
      << tell(message.edited_at) << (message.deleted ? " deleted" : "") << '\n';
}

void tell(std::ostream& out, const Member& member) {
  out << "  user " << to_int(member.user) << ' ' << to_string(member.role) << " from #"
      << to_int(member.visible_from) << " joined " << tell(member.joined_at) << " delivered #"
      << to_int(member.delivered) << " at " << tell(member.delivered_at) << " read #"
      << to_int(member.read) << " at " << tell(member.read_at) << '\n';
}

}  // namespace

std::string Knowledge::text() const {
  std::ostringstream out;
  for (const auto& [id, chat] : chats) {
    out << to_string(chat.kind) << ' ' << to_int(id) << ' ' << std::quoted(chat.title) << " unread "
        << count_unread(chat, user) << " gaps " << chat.gaps.size() << '\n';
    for (const auto& [seq, message] : chat.messages) tell(out, message);
    for (const auto& [member_user, member] : chat.members) tell(out, member);
  }
  return out.str();
}

Result<Knowledge> look_up(Messenger& messenger, UserId user) {
  Knowledge found{.user = user};
  MSG_TRY(found.cursor, messenger.sync_position());
  const auto list = [&](const PageRequest& page) {
    return messenger.list_conversations(user, page);
  };
  const auto take = [&](const ConversationView& view) {
    return look_up_chat(messenger, user, view, found.chats[view.conversation.id]);
  };
  MSG_CHECK(for_each(list, take));
  return found;
}

Result<bool> Follower::sync_page(Messenger& messenger, int limit) {
  MSG_TRY(const auto page, messenger.sync(now_.user, {.limit = limit, .cursor = now_.cursor}));
  for (const auto& delta : page.conversations) apply(delta);
  now_.cursor = page.cursor;
  return !page.has_more;
}

void Follower::apply(const ConversationDelta& delta) {
  const auto& view = delta.view;
  const ConversationId id = view.conversation.id;
  if (!view.self.active) {
    now_.chats.erase(id);
    return;
  }
  auto& chat = now_.chats[id];
  chat.title = view.conversation.title;
  chat.kind = view.conversation.kind;
  for (const auto& message : delta.messages) put(chat, message);
  // Who left and came again may have missed the news of it, and forgets what was before.
  std::erase_if(chat.messages,
                [&](const auto& entry) { return entry.first < view.self.visible_from; });
  chat.members[now_.user] = view.self;
  for (const auto& member : delta.members) {
    if (member.active) {
      chat.members[member.user] = member;
    } else {
      chat.members.erase(member.user);
    }
  }
  chat.has_unread_members |= delta.more_members;
  if (delta.missing) chat.gaps.push_back(*delta.missing);
  const bool is_complete = chat.gaps.empty() && !chat.has_unread_members;
  if (is_complete && count_unread(chat, now_.user) != view.unread_count) {
    complain(id, "sync says " + std::to_string(view.unread_count) + " unread, recounted are " +
                     std::to_string(count_unread(chat, now_.user)));
  }
}

Result<void> Follower::settle(Messenger& messenger) {
  for (auto& [id, chat] : now_.chats) {
    if (std::exchange(chat.has_unread_members, false)) {
      MSG_CHECK(list_members(messenger, now_.user, id, chat));
    }
    for (const auto& gap : std::exchange(chat.gaps, {})) MSG_CHECK(read_gap(messenger, id, gap));
  }
  return {};
}

Result<void> Follower::read_gap(Messenger& messenger, ConversationId conversation,
                                const SeqRange& gap) {
  HistoryRequest request{.conversation = conversation,
                         .order = Order::oldest_first,
                         .after = Seq{to_int(gap.from) - 1}};
  while (true) {
    MSG_TRY(auto page, messenger.history(now_.user, request));
    for (auto& message : page.items) {
      if (message.id.seq > gap.to) return {};
      put(now_.chats.at(conversation), std::move(message));
    }
    if (!page.has_more) return {};
    request = {.conversation = conversation, .cursor = page.next};
  }
}

void Follower::put(Chat& chat, Message message) const {
  message.state.reset();
  if (message.sender != now_.user) message.client_id.clear();
  chat.messages[message.id.seq] = std::move(message);
}

void Follower::take(const Event& event) {
  if (event.version == Version{}) return;  // never stored
  if (event.version < newest_) complain(event.conversation, "an event of an earlier version");
  newest_ = event.version;
  now_.cursor = event.cursor;
  std::visit([&](const auto& body) { apply(event.conversation, body); }, event.body);
}

void Follower::apply(ConversationId conversation, const MessageEvent& event) {
  const auto found = now_.chats.find(conversation);
  if (found == now_.chats.end()) return complain(conversation, "a message from nowhere");
  Chat& chat = found->second;
  const Seq seq = event.message.id.seq;
  const bool is_changed = event.message.edited_at || event.message.deleted;
  // Who joins begins with the first message behind that. The own record comes before any message.
  Seq last{to_int(chat.members.at(now_.user).visible_from) - 1};
  if (!chat.messages.empty()) last = std::max(last, chat.messages.rbegin()->first);
  for (const auto& gap : chat.gaps) last = std::max(last, gap.to);
  if (to_int(seq) != to_int(last) + 1 && !is_changed) {
    complain(conversation,
             "#" + std::to_string(to_int(seq)) + " behind #" + std::to_string(to_int(last)));
  }
  put(chat, event.message);
}

void Follower::apply(ConversationId conversation, const MemberEvent& event) {
  const Member& member = event.member;
  if (member.user == now_.user) {
    if (!member.active) {
      now_.chats.erase(conversation);
      return;
    }
    const auto known = now_.chats.find(conversation);
    const bool is_known = known != now_.chats.end() && known->second.members.contains(now_.user);
    if (!is_known || known->second.members[now_.user].visible_from != member.visible_from) {
      now_.chats[conversation] = {.has_unread_members = true};
    }
  }
  const auto found = now_.chats.find(conversation);
  if (found == now_.chats.end()) return;  // the own record comes later, and the list with it
  if (member.active) {
    found->second.members[member.user] = member;
  } else {
    found->second.members.erase(member.user);
  }
}

void Follower::apply(ConversationId conversation, const ReceiptEvent& event) {
  const auto found = now_.chats.find(conversation);
  if (found == now_.chats.end()) return complain(conversation, "a receipt from nowhere");
  Member& known = found->second.members[event.member.user];
  if (event.member.delivered < known.delivered || event.member.read < known.read) {
    complain(conversation, "a receipt goes back");
  }
  known = event.member;
}

void Follower::apply(ConversationId conversation, const ConversationEvent& event) {
  const auto found = now_.chats.find(conversation);
  if (found == now_.chats.end()) return complain(conversation, "news from nowhere");
  found->second.title = event.conversation.title;
  found->second.kind = event.conversation.kind;
}

void Follower::complain(ConversationId conversation, const std::string& about) {
  complaints_.push_back("conversation " + std::to_string(to_int(conversation)) + ": " + about);
}

}  // namespace msg::test
