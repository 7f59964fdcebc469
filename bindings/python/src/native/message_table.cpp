// SPDX-License-Identifier: Apache-2.0
#include "message_table.h"

#include "errors.h"

namespace pymsg {
namespace {

template <class T>
std::vector<std::uint8_t> bits_of(const std::vector<T>& values, std::int64_t& count) {
  std::vector<std::uint8_t> bits((values.size() + 7) / 8);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (1U << (i % 8)));
    ++count;
  }
  return bits;
}

std::int64_t since_1970(msg::Time time) {
  return time.time_since_epoch().count();
}

}  // namespace

void MessageTable::add(const msg::Message& message) {
  seq.push_back(to_int(message.id.seq));
  sender.push_back(to_int(message.sender));
  created_at.push_back(since_1970(message.created_at));
  edited_at.push_back(message.edited_at ? since_1970(*message.edited_at) : 0);
  reply_to.push_back(message.reply_to ? to_int(*message.reply_to) : 0);
  version.push_back(to_int(message.version));
  kind.push_back(static_cast<std::int8_t>(message.kind));
  deleted.push_back(message.deleted || message.hidden ? 1 : 0);
  content.insert(content.end(), message.content.begin(), message.content.end());
  content_offsets.push_back(static_cast<std::int64_t>(content.size()));
}

void MessageTable::finish() {
  edited_bits = bits_of(edited_at, edited_count);
  reply_bits = bits_of(reply_to, reply_count);
  std::int64_t ignored = 0;
  deleted_bits = bits_of(deleted, ignored);
}

Column column_of(const std::shared_ptr<const MessageTable>& table, std::string_view name) {
  const MessageTable& t = *table;
  const auto numbers = [&](const std::vector<std::int64_t>& values) {
    return Column{table, values.data(), values.size(), 'q'};
  };
  const auto small = [&](const std::vector<std::int8_t>& values) {
    return Column{table, values.data(), values.size(), 'b'};
  };
  if (name == "seq") return numbers(t.seq);
  if (name == "sender") return numbers(t.sender);
  if (name == "created_at") return numbers(t.created_at);
  if (name == "edited_at") return numbers(t.edited_at);
  if (name == "reply_to") return numbers(t.reply_to);
  if (name == "version") return numbers(t.version);
  if (name == "kind") return small(t.kind);
  if (name == "deleted") return small(t.deleted);
  if (name == "content_offsets") return numbers(t.content_offsets);
  if (name == "content") return {table, t.content.data(), t.content.size(), 'B'};
  throw_invalid("There is no column " + std::string(name) + ".", "name");
}

}  // namespace pymsg
