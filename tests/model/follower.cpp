// SPDX-License-Identifier: Apache-2.0
#include "model/follower.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace msg::test {
namespace {

/// The beginning of an answered message, as it is now.
void refresh_quotes(Knowledge::Chat& chat, const Message& answered) {
  for (auto& [seq, message] : chat.messages) {
    if (message.reply_to != answered.id.seq) continue;
    message.quote.reset();
    if (answered.hidden) continue;
    std::string excerpt = answered.kind == MessageKind::text ? answered.content : "";
    if (excerpt.size() > kQuoteBytesMax) {
      auto end = kQuoteBytesMax;
      while (end > 0 && (static_cast<unsigned char>(excerpt[end]) & 0xC0) == 0x80) --end;
      excerpt.resize(end);
    }
    message.quote = Quote{.sender = answered.sender,
                          .version = answered.version,
                          .kind = answered.kind,
                          .excerpt = std::move(excerpt),
                          .deleted = answered.deleted};
  }
}

void hide(Message& message) {
  message = {.id = message.id,
             .sender = message.sender,
             .kind = message.kind,
             .version = message.version,
             .created_at = message.created_at,
             .hidden = true};
}

bool is_in_gap(const Knowledge::Chat& chat, Seq seq) {
  return std::ranges::any_of(chat.gaps,
                             [&](const SeqRange& gap) { return gap.from <= seq && seq <= gap.to; });
}

}  // namespace

Result<bool> Follower::sync_page(Messenger& messenger, int limit) {
  MSG_TRY(const User self, messenger.load_user(now_.user));
  see_reads(self.read_receipts);
  MSG_TRY(const auto page, messenger.sync(now_.user, {.limit = limit, .cursor = now_.cursor}));
  for (const auto& delta : page.conversations) apply(delta);
  now_.cursor = page.cursor;
  return !page.has_more;
}

void Follower::see_reads(bool is_told) {
  if (std::exchange(now_.sees_reads, is_told) == is_told) return;
  for (auto& [id, chat] : now_.chats) chat.has_unread_members = true;
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
  chat.unread_from = view.unread_from;
  chat.pinned = view.pinned;
  if (delta.stale) {
    chat.gaps.push_back(*delta.stale);
    std::erase_if(chat.messages, [&](const auto& entry) {
      return entry.first >= delta.stale->from && entry.first <= delta.stale->to;
    });
  }
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
  check(chat, view);
}

void Follower::check(const Chat& chat, const ConversationView& view) {
  if (!chat.gaps.empty()) return;
  const ConversationId id = view.conversation.id;
  const std::string miscount = find_miscount(chat, now_.user, view);
  if (!miscount.empty()) complain(id, "sync says " + miscount);
  std::vector<std::pair<Version, Seq>> pins;
  for (const auto& [seq, message] : chat.messages) {
    if (message.pin) pins.emplace_back(message.pin->version, seq);
  }
  std::ranges::sort(pins);
  std::vector<Seq> shown = view.pinned;
  std::erase_if(shown, [&](Seq seq) {
    const auto found = chat.messages.find(seq);
    return found != chat.messages.end() && found->second.hidden;
  });
  if (!std::ranges::equal(pins, shown, {}, &std::pair<Version, Seq>::second)) {
    complain(id, "not those are pinned that say so");
  }
  if (view.last_message.has_value() == chat.messages.empty()) {
    return complain(id, "a last message of none");
  }
  if (view.last_message && view.last_message->content != chat.messages.rbegin()->second.content) {
    complain(id, "another last message");
  }
}

Result<void> Follower::settle(Messenger& messenger) {
  for (auto& [id, chat] : now_.chats) {
    if (chat.has_unread_members) {
      const auto listed = list_members(messenger, now_.user, id, chat);
      // Who was removed since hears of it by the next page.
      if (!listed && listed.error().code == Code::permission_denied) continue;
      MSG_CHECK(listed);
      chat.has_unread_members = false;
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
  if (message.hidden) hide(message);
  if (message.sender != now_.user) {
    message.client_id.clear();
    if (message.forward) message.forward->origin.reset();
  }
  Message& kept = chat.messages[message.id.seq];
  kept = std::move(message);
  refresh_quotes(chat, kept);
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
  // Who joins begins with the first message behind that. The own record comes before any message.
  Seq last{to_int(chat.members.at(now_.user).visible_from) - 1};
  if (!chat.messages.empty()) last = std::max(last, chat.messages.rbegin()->first);
  for (const auto& gap : chat.gaps) last = std::max(last, gap.to);
  if (to_int(seq) != to_int(last) + 1) {
    complain(conversation,
             "#" + std::to_string(to_int(seq)) + " behind #" + std::to_string(to_int(last)));
  }
  put(chat, event.message);
  // Of what its reader deleted for themselves an answer may still quote.
  const auto answered = chat.messages.find(event.message.reply_to.value_or(Seq{}));
  if (answered != chat.messages.end() && answered->second.hidden) {
    chat.messages[seq].quote.reset();
  }
}

void Follower::apply(ConversationId conversation, const MessageChangeEvent& event) {
  const auto chat = now_.chats.find(conversation);
  if (chat == now_.chats.end()) return complain(conversation, "a change from nowhere");
  const Seq seq = event.message.id.seq;
  auto& pinned = chat->second.pinned;
  const auto pin = std::ranges::find(pinned, seq);
  if (event.message.pin && pin == pinned.end()) pinned.push_back(seq);
  if (!event.message.pin && pin != pinned.end()) pinned.erase(pin);
  const auto known = chat->second.messages.find(seq);
  if (known == chat->second.messages.end()) {
    if (!is_in_gap(chat->second, seq)) complain(conversation, "a change of what was not told");
    return;  // read with the gap
  }
  if (known->second.hidden) return;
  // What one is told beside the message stays, but for what the event says of it.
  Message changed = event.message;
  changed.quote = changed.reply_to ? known->second.quote : std::nullopt;
  if (!changed.reactions.empty()) {
    auto& own = changed.own_reactions.emplace(
        known->second.own_reactions.value_or(std::vector<std::string>{}));
    if (event.reaction && event.reaction->user == now_.user) {
      std::erase(own, event.reaction->emoji);
      if (!event.reaction->removed) own.push_back(event.reaction->emoji);
    }
  }
  put(chat->second, std::move(changed));
}

void Follower::apply(ConversationId conversation, const HideEvent& event) {
  if (event.user != now_.user) return complain(conversation, "what another hides");
  const auto chat = now_.chats.find(conversation);
  if (chat == now_.chats.end()) return complain(conversation, "hidden nowhere");
  const auto known = chat->second.messages.find(event.message.seq);
  if (known == chat->second.messages.end()) return;
  hide(known->second);
  refresh_quotes(chat->second, known->second);
}

void Follower::apply(ConversationId conversation, const UnreadEvent& event) {
  if (event.user != now_.user) return complain(conversation, "another's mark");
  const auto chat = now_.chats.find(conversation);
  if (chat == now_.chats.end()) return complain(conversation, "a mark from nowhere");
  chat->second.unread_from = event.mark.unread_from;
  const auto count = count_unread(chat->second, now_.user);
  if (chat->second.gaps.empty() && count != event.mark.unread_count) {
    complain(conversation, "the mark says " + std::to_string(event.mark.unread_count) +
                               " unread, recounted are " + std::to_string(count));
  }
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
  const bool is_read_told = now_.sees_reads || event.member.user == now_.user;
  const bool goes_back = is_read_told && event.member.read < known.read;
  if (event.member.delivered < known.delivered || goes_back) {
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
