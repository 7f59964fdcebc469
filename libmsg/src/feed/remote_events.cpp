// SPDX-License-Identifier: Apache-2.0
#include "feed/remote_events.h"

#include <map>
#include <utility>

#include "messenger/view.h"

namespace msg {
namespace {

using Kind = EventNote::Kind;
using Body = decltype(Event::body);
using Messages = std::map<MessageId, Message>;

bool is_of_message(const EventNote& note) {
  return note.kind == Kind::message || note.kind == Kind::message_change;
}

Result<void> load_into(Snapshot& snapshot, const std::vector<MessageId>& ids, Messages& messages) {
  MSG_TRY(auto found, snapshot.find_messages(ids));
  for (auto& message : found) {
    if (message) messages.emplace(message->id, *std::move(message));
  }
  return {};
}

/// The messages that the notes name, and those that new ones answer.
Result<Messages> load_messages(Snapshot& snapshot, const std::vector<EventNote>& notes) {
  std::vector<MessageId> ids;
  for (const auto& note : notes) {
    if (is_of_message(note)) ids.emplace_back(note.conversation, note.seq);
  }
  Messages messages;
  if (ids.empty()) return messages;
  MSG_CHECK(load_into(snapshot, ids, messages));
  std::vector<MessageId> answered;
  for (const auto& [id, message] : messages) {
    if (message.reply_to) answered.emplace_back(id.conversation, *message.reply_to);
  }
  if (!answered.empty()) MSG_CHECK(load_into(snapshot, answered, messages));
  return messages;
}

class BodyLoader {
 public:
  BodyLoader(Snapshot& snapshot, Messages messages)
      : snapshot_(snapshot), messages_(std::move(messages)) {}

  Result<std::optional<Body>> load(const EventNote& note) {
    switch (note.kind) {
      case Kind::message:
        return message(note);
      case Kind::message_change:
        return message_change(note);
      case Kind::preferences:
        return preferences(note);
      case Kind::member:
      case Kind::receipt:
        return member(note);
      case Kind::conversation:
        return conversation(note);
      case Kind::hide:
        return HideEvent{.user = note.user, .message = {note.conversation, note.seq}};
      case Kind::unread:
        return unread(note);
    }
    return std::nullopt;
  }

 private:
  using Loaded = Result<std::optional<Body>>;

  Loaded message(const EventNote& note) {
    const auto found = messages_.find({note.conversation, note.seq});
    if (found == messages_.end()) return std::nullopt;
    MessageEvent event{found->second};
    if (event.message.reply_to) {
      const auto answered = messages_.find({note.conversation, *event.message.reply_to});
      if (answered != messages_.end()) event.message.quote = quote_of(answered->second);
    }
    return event;
  }

  Loaded message_change(const EventNote& note) {
    const auto found = messages_.find({note.conversation, note.seq});
    if (found == messages_.end()) return std::nullopt;
    return MessageChangeEvent{.message = found->second};
  }

  /// What is for the member alone shows all; the rest what anybody may see.
  Loaded member(const EventNote& note) {
    MSG_TRY(const auto row, snapshot_.find_member(note.conversation, note.user));
    if (!row) return std::nullopt;
    Member shown = note.only_for == note.user ? to_member(*row) : to_member(*row, {});
    if (note.kind == Kind::member) return MemberEvent{std::move(shown)};
    return ReceiptEvent{.member = std::move(shown),
                        .to_everyone = note.to_everyone,
                        .delivered_rose = note.delivered_rose};
  }

  Loaded preferences(const EventNote& note) {
    MSG_TRY(const auto row, snapshot_.find_member(note.conversation, note.user));
    if (!row) return std::nullopt;
    return PreferencesEvent{.user = note.user, .preferences = row->own.preferences};
  }

  Loaded conversation(const EventNote& note) {
    MSG_TRY(const auto row, snapshot_.find_conversation(note.conversation));
    if (!row) return std::nullopt;
    return ConversationEvent{to_conversation(*row)};
  }

  static Loaded unread(const EventNote& note) {
    UnreadMark mark{.conversation = note.conversation, .unread_count = note.count};
    if (note.seq != Seq{}) mark.unread_from = note.seq;
    return UnreadEvent{.user = note.user, .mark = mark};
  }

  Snapshot& snapshot_;
  const Messages messages_;
};

}  // namespace

Result<std::vector<std::shared_ptr<Event>>> load_events(Snapshot& snapshot,
                                                        const std::vector<EventNote>& notes) {
  MSG_TRY(auto messages, load_messages(snapshot, notes));
  BodyLoader loader(snapshot, std::move(messages));
  std::vector<std::shared_ptr<Event>> events;
  for (const auto& note : notes) {
    MSG_TRY(auto body, loader.load(note));
    if (!body) continue;
    events.push_back(std::make_shared<Event>(Event{.conversation = note.conversation,
                                                   .version = note.version,
                                                   .cursor = {},
                                                   .body = *std::move(body),
                                                   .only_for = note.only_for,
                                                   .not_for = note.not_for}));
  }
  return events;
}

}  // namespace msg
