// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "model/model.h"
#include "model/model_text.h"

namespace msg::test {
namespace {

/// The name of the field that makes the draft one that can never be sent.
std::string find_fault(const Draft& draft, const Limits& limits) {
  if (draft.kind == MessageKind::system) return "kind";
  if (!is_content(draft.content, limits.content_bytes_max)) return "content";
  const bool printable =
      std::ranges::all_of(draft.client_id, [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || draft.client_id.size() > limits.client_id_bytes_max) return "client_id";
  if (draft.reply_to && *draft.reply_to <= Seq{0}) return "reply_to";
  const Time behind{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}};
  if (draft.timestamp && (*draft.timestamp < Time{} || *draft.timestamp >= behind)) {
    return "timestamp";
  }
  return {};
}

bool is_same_request(const Draft& earlier, const Draft& draft) {
  return earlier.kind == draft.kind && earlier.content == draft.content &&
         earlier.reply_to == draft.reply_to && earlier.timestamp == draft.timestamp;
}

const Message* find_by_client_id(const Room& room, const Draft& draft) {
  for (const auto& message : room.messages) {
    if (!draft.client_id.empty() && message.sender == draft.sender &&
        message.client_id == draft.client_id) {
      return &message;
    }
  }
  return nullptr;
}

}  // namespace

Result<Message> Model::send(const Draft& draft) {
  const std::string fault = find_fault(draft, limits_);
  if (!fault.empty()) return refuse(Code::invalid_argument, fault);
  MSG_TRY(const Place place, find_place(draft.sender, draft.conversation));
  const Message* earlier = find_by_client_id(*place.room, draft);
  const auto place_of = [](const Message& message) {
    return static_cast<std::size_t>(to_int(message.id.seq)) - 1;
  };
  // What a deleted one was asked for is not known any more.
  const bool is_repetition =
      earlier &&
      (earlier->deleted || is_same_request(place.room->drafts.at(place_of(*earlier)), draft));
  if (is_repetition) return *earlier;
  if (!place.self->shown.active) return refuse(Code::permission_denied);
  if (earlier) return refuse(Code::idempotency_conflict, "client_id");
  if (draft.reply_to && !find_readable(place, *draft.reply_to)) {
    return refuse(Code::invalid_argument, "reply_to");
  }
  Room& room = rooms_.at(draft.conversation);
  const Version version = stamp();
  room.activity = room.conversation.version = version;
  room.drafts.push_back(draft);
  room.messages.push_back({.id = {draft.conversation, Seq{to_int(room.last_seq()) + 1}},
                           .sender = draft.sender,
                           .kind = draft.kind,
                           .content = draft.content,
                           .reply_to = draft.reply_to,
                           .timestamp = draft.timestamp,
                           .client_id = draft.client_id,
                           .version = version,
                           .created_at = newest_});
  return room.messages.back();
}

std::vector<Result<Message>> Model::send_many(std::span<const Draft> drafts) {
  std::vector<Result<Message>> results;
  for (const auto& draft : drafts) results.push_back(send(draft));
  return results;
}

Result<Message> Model::find_readable(const Place& place, Seq seq) const {
  for (const auto& message : place.room->readable_by(*place.self)) {
    if (message.id.seq == seq) return message;
  }
  return refuse(Code::not_found, "message_id");
}

Result<Message> Model::load_message(UserId actor, const MessageId& id) const {
  MSG_TRY(const Place place, find_place(actor, id.conversation));
  MSG_TRY(Message message, find_readable(place, id.seq));
  std::vector<Message> one{std::move(message)};
  fill_states(place, one);
  return one.front();
}

void Model::fill_states(const Place& place, std::vector<Message>& messages) const {
  if (!place.self->shown.active) return;
  for (auto& message : messages) {
    if (message.sender != place.self->shown.user) continue;
    message.state = place.room->status_of(message, reader_of(place.self->shown.user)).state;
  }
}

}  // namespace msg::test
