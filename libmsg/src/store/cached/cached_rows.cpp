// SPDX-License-Identifier: Apache-2.0
#include "store/cached/cached_rows.h"

#include <utility>

#include "core/varint.h"
#include "store/kv/kv_codec.h"

// messages = count (seq row)*           row: text, as in kv_codec
// found    = count (0 | 1 seq row)*
// members  = count (user row)*          user: fixed64
// seq      = 0 | 1 seq
// count    = varint; seq = zigzag

namespace msg::cached {
namespace {

std::unexpected<Error> malformed() {
  return fail(Code::corrupt, "a cached answer is malformed");
}

void put_message(std::string& out, const Message& message) {
  put_zigzag(out, to_int(message.id.seq));
  put_text(out, kv::encode_message(message));
}

Result<Message> read_message(ConversationId conversation, ByteReader& reader) {
  const MessageId id{.conversation = conversation, .seq = Seq{reader.zigzag()}};
  return kv::decode_message(id, reader.text());
}

/// Each of `count` takes a byte at least.
template <class T, class Read>
Result<std::vector<T>> read_list(std::string_view bytes, Read read) {
  ByteReader reader(bytes);
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count > reader.remaining()) return malformed();
  std::vector<T> list;
  list.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    MSG_TRY(auto item, read(reader));
    list.push_back(std::move(item));
  }
  if (!reader.done()) return malformed();
  return list;
}

}  // namespace

std::string encode(const std::vector<Message>& messages) {
  std::string out;
  put_varint(out, messages.size());
  for (const Message& message : messages) put_message(out, message);
  return out;
}

Result<std::vector<Message>> decode_messages(ConversationId conversation, std::string_view bytes) {
  return read_list<Message>(bytes,
                            [&](ByteReader& reader) { return read_message(conversation, reader); });
}

std::string encode(const std::vector<std::optional<Message>>& messages) {
  std::string out;
  put_varint(out, messages.size());
  for (const auto& message : messages) {
    put_byte(out, message ? 1 : 0);
    if (message) put_message(out, *message);
  }
  return out;
}

Result<std::vector<std::optional<Message>>> decode_found(ConversationId conversation,
                                                         std::string_view bytes) {
  using Found = std::optional<Message>;
  return read_list<Found>(bytes, [&](ByteReader& reader) -> Result<Found> {
    if (reader.byte() == 0) return Found{};
    MSG_TRY(auto message, read_message(conversation, reader));
    return Found(std::move(message));
  });
}

void keep_public_part(MemberRow& member) {
  member.read = member.own.shown_read.value_or(member.read);
  member.own = {};
  member.mentions.clear();
  member.hidden.clear();
  member.hidden_dropped_up_to = {};
  member.sent_count = 0;
  member.sent_count_at_read = 0;
}

std::string encode(const std::vector<MemberRow>& members) {
  std::string out;
  put_varint(out, members.size());
  for (const MemberRow& member : members) {
    put_fixed64(out, static_cast<std::uint64_t>(to_int(member.user)));
    put_text(out, kv::encode_member(member));
  }
  return out;
}

Result<std::vector<MemberRow>> decode_members(ConversationId conversation, std::string_view bytes) {
  return read_list<MemberRow>(bytes, [&](ByteReader& reader) {
    const UserId user{static_cast<std::int64_t>(reader.fixed64())};
    return kv::decode_member(conversation, user, reader.text());
  });
}

std::string encode(const std::optional<Seq>& seq) {
  std::string out;
  put_byte(out, seq ? 1 : 0);
  if (seq) put_zigzag(out, to_int(*seq));
  return out;
}

Result<std::optional<Seq>> decode_seq(std::string_view bytes) {
  ByteReader reader(bytes);
  std::optional<Seq> seq;
  if (reader.byte() != 0) seq = Seq{reader.zigzag()};
  if (!reader.done()) return malformed();
  return seq;
}

}  // namespace msg::cached
