// SPDX-License-Identifier: Apache-2.0
#include "feed/hint_reader.h"

#include <memory>
#include <utility>
#include <vector>

#include "core/quote.h"

namespace msg {
namespace {

struct Place {
  News* news{};
  const CommitHint::Sent* sent{};
};

using Found = std::vector<std::optional<Message>>;

/// Of the messages found, in their order, what they answer.
Result<Found> find_answered(Snapshot& snapshot, const Found& messages) {
  std::vector<MessageId> ids;
  for (const auto& message : messages) {
    if (message && message->reply_to) {
      ids.push_back({message->id.conversation, *message->reply_to});
    }
  }
  if (ids.empty()) return Found{};
  return snapshot.find_messages(ids);
}

bool is_as_sent(const std::optional<Message>& message, const CommitHint::Sent& sent) {
  return message && message->version == sent.version && !message->changed;
}

std::shared_ptr<Event> event_of(Message message, const Concern& concern) {
  auto event = std::make_shared<Event>();
  event->only_for = concern.only_for;
  event->not_for = concern.not_for;
  event->conversation = message.id.conversation;
  event->version = message.version;
  event->body = MessageEvent{std::move(message)};
  return event;
}

Result<void> fill_from(Snapshot& snapshot, std::span<const Place> places) {
  std::vector<MessageId> ids;
  ids.reserve(places.size());
  for (const auto& place : places) ids.push_back(place.sent->message);
  MSG_TRY(auto found, snapshot.find_messages(ids));
  MSG_TRY(const auto answered, find_answered(snapshot, found));
  auto next_answered = answered.begin();
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::optional<Message>& message = found.at(i);
    if (message && message->reply_to) {
      const auto& quoted = *next_answered++;
      if (!quoted) continue;
      message->quote = quote_of(*quoted);
    }
    if (!is_as_sent(message, *places[i].sent)) continue;
    NewsItem& item = places[i].news->items.at(places[i].sent->item);
    item = event_of(*std::move(message), std::get<Concern>(item));
  }
  return {};
}

}  // namespace

void HintReader::fill(std::span<CommitHint> hints) {
  std::vector<Place> places;
  for (CommitHint& hint : hints) {
    for (const auto& sent : hint.sent) {
      if (is_wanted_(sent.message.conversation)) places.push_back({&hint.news, &sent});
    }
  }
  if (places.empty()) return;
  const auto snapshot = store_.late_snapshot();
  if (snapshot) (void)fill_from(**snapshot, places);
}

}  // namespace msg
