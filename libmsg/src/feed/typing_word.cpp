// SPDX-License-Identifier: Apache-2.0
#include "feed/typing_word.h"

#include "core/varint.h"

namespace msg {

std::string encode_typing(ConversationId conversation, const TypingEvent& typing) {
  std::string word;
  put_number(word, conversation);
  put_number(word, typing.user);
  put_varint(word, static_cast<std::uint64_t>(typing.expires_in.count()));
  put_byte(word, static_cast<std::uint8_t>(typing.activity));
  return word;
}

std::optional<Event> decode_typing(std::string_view word) {
  ByteReader reader(word);
  Event event;
  event.conversation = read_number<ConversationId>(reader);
  TypingEvent typing;
  typing.user = read_number<UserId>(reader);
  typing.expires_in = std::chrono::milliseconds(static_cast<std::int64_t>(reader.varint()));
  typing.activity = reader.byte() == 0 ? Activity::typing : Activity::recording;
  event.body = typing;
  if (!reader.done()) return std::nullopt;
  return event;
}

}  // namespace msg
