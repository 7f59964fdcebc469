// SPDX-License-Identifier: Apache-2.0
#include "model/knowledge.h"

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

Seq read_of(const Knowledge::Chat& chat, UserId user) {
  const auto self = chat.members.find(user);
  return self == chat.members.end() ? Seq{} : self->second.read;
}

/// Counted one by one; a mark brings none back.
std::int64_t count_mentions(const Knowledge::Chat& chat, UserId user) {
  const Seq read = read_of(chat, user);
  return std::ranges::count_if(chat.messages, [&](const auto& entry) {
    const auto& mentions = entry.second.mentions;
    return entry.first > read && entry.second.sender != user &&
           std::ranges::find(mentions, user) != mentions.end();
  });
}

Result<void> look_up_chat(Messenger& messenger, UserId user, const ConversationView& view,
                          Knowledge::Chat& chat) {
  const ConversationId id = view.conversation.id;
  chat.title = view.conversation.title;
  chat.kind = view.conversation.kind;
  chat.unread_from = view.unread_from;
  chat.pinned = view.pinned;
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
  const std::string miscount = find_miscount(chat, user, view);
  if (miscount.empty()) return {};
  return std::unexpected(Error{Code::corrupt, "the view says " + miscount});
}

std::string tell(const std::optional<Time>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "-";
}

void tell_annotations(std::ostream& out, const Message& message) {
  for (const auto& [emoji, count] : message.reactions) out << ' ' << emoji << ' ' << count;
  if (message.own_reactions) {
    out << " own";
    for (const auto& emoji : *message.own_reactions) out << ' ' << emoji;
  }
  if (message.pin)
    out << " pinned by " << to_int(message.pin->by) << " at " << tell(message.pin->at);
  for (const UserId user : message.mentions) out << " mentions " << to_int(user);
  if (message.quote) {
    out << " quotes " << to_int(message.quote->sender) << ' ' << to_string(message.quote->kind)
        << ' ' << std::quoted(message.quote->excerpt) << (message.quote->deleted ? " deleted" : "");
  }
  if (message.forward) {
    out << " hops " << message.forward->hops << " from #"
        << to_int(message.forward->origin.value_or(MessageId{}).seq);
  }
}

void tell(std::ostream& out, const Message& message) {
  out << "  #" << to_int(message.id.seq) << " user " << to_int(message.sender) << ' '
      << to_string(message.kind) << " version " << to_int(message.version);
  // What others make of it later is nothing to who deleted it.
  if (message.hidden) {
    out << " hidden\n";
    return;
  }
  out << ' ' << std::quoted(message.content) << " to " << to_int(message.reply_to.value_or(Seq{}))
      << " key " << std::quoted(message.client_id) << " sent " << tell(message.timestamp)
      << " changed " << to_int(message.changed.value_or(Version{})) << " edited "
      << tell(message.edited_at) << (message.deleted ? " deleted" : "");
  tell_annotations(out, message);
  out << '\n';
}

void tell(std::ostream& out, const Member& member) {
  out << "  user " << to_int(member.user) << ' ' << to_string(member.role) << " from #"
      << to_int(member.visible_from) << " joined " << tell(member.joined_at) << " delivered #"
      << to_int(member.delivered) << " at " << tell(member.delivered_at) << " read #"
      << to_int(member.read) << " at " << tell(member.read_at) << '\n';
}

}  // namespace

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

std::int64_t count_unread(const Knowledge::Chat& chat, UserId user) {
  const Seq read = read_of(chat, user);
  return std::ranges::count_if(chat.messages, [&](const auto& entry) {
    const bool is_unread = chat.unread_from ? entry.first >= *chat.unread_from : entry.first > read;
    return is_unread && entry.second.sender != user;
  });
}

std::string find_miscount(const Knowledge::Chat& chat, UserId user, const ConversationView& view) {
  std::ostringstream out;
  if (count_unread(chat, user) != view.unread_count) {
    out << view.unread_count << " unread, recounted are " << count_unread(chat, user);
  }
  if (count_mentions(chat, user) != view.mention_count) {
    out << ' ' << view.mention_count << " mentions, recounted are " << count_mentions(chat, user);
  }
  return out.str();
}

std::string Knowledge::text() const {
  std::ostringstream out;
  for (const auto& [id, chat] : chats) {
    out << to_string(chat.kind) << ' ' << to_int(id) << ' ' << std::quoted(chat.title) << " unread "
        << count_unread(chat, user) << " from #" << to_int(chat.unread_from.value_or(Seq{}))
        << " mentions " << count_mentions(chat, user) << " gaps " << chat.gaps.size()
        << (chat.has_unread_members ? " members unread" : "") << " pinned";
    for (const Seq seq : chat.pinned) {
      const auto pinned = chat.messages.find(seq);
      if (pinned == chat.messages.end() || !pinned->second.hidden) out << " #" << to_int(seq);
    }
    out << '\n';
    for (const auto& [seq, message] : chat.messages) tell(out, message);
    for (const auto& [member_user, member] : chat.members) tell(out, member);
  }
  return out.str();
}

testing::AssertionResult is_same(const std::string& actual, const std::string& expected) {
  if (actual == expected) return testing::AssertionSuccess();
  const auto at =
      static_cast<std::size_t>(std::ranges::mismatch(actual, expected).in1 - actual.begin());
  const auto line_at = [&](const std::string& text) {
    const auto begin = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const auto from = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(from, text.find('\n', std::min(at, text.size())) - from);
  };
  return testing::AssertionFailure()
         << "it has: " << line_at(actual) << "\nthere is: " << line_at(expected);
}

Result<Knowledge> look_up(Messenger& messenger, UserId user) {
  MSG_TRY(const User self, messenger.load_user(user));
  Knowledge found{.user = user, .sees_reads = self.read_receipts};
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

}  // namespace msg::test
