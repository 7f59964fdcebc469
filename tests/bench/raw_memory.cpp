// SPDX-License-Identifier: Apache-2.0
#include "raw_memory.h"

#include "store/kv/kv_codec.h"
#include "store/kv/kv_keys.h"

namespace msg::bench {

RawMemory::RawMemory(int rooms) : numbering_{rooms} {
  for (int i = 0; i < rooms; ++i) {
    entries_[kv::membership_key(kRawUser, raw_room(i))] = sample_.membership;
    entries_[kv::member_key(raw_room(i), kRawUser)] = sample_.member;
  }
}

void RawMemory::write(int batch) {
  for (int i = 0; i < batch; ++i) {
    const auto number = numbering_.count;
    const auto [room, seq] = numbering_.next();
    const ConversationId id = raw_room(room);
    const std::string key = "key-" + std::to_string(number);
    entries_[kv::message_key(id, Seq{seq})] = sample_.message(number);
    entries_[kv::idempotency_key(id, kRawUser, key)] = sample_.idempotency;
    if (i < numbering_.rooms) entries_[kv::head_key(id)] = sample_.head;
  }
  entries_[kv::meta_key("last_version")] = kv::encode_number(numbering_.count);
}

std::size_t RawMemory::read_page(int room, std::int64_t seq, int limit) {
  page_.clear();
  auto entry = entries_.lower_bound(kv::message_key(raw_room(room), Seq{seq}));
  const auto first = entries_.lower_bound(kv::message_key(raw_room(room), Seq{1}));
  while (entry != first && page_.size() < static_cast<std::size_t>(limit)) {
    page_.push_back((--entry)->second);
  }
  return page_.size();
}

std::size_t RawMemory::read_heads() {
  page_.clear();
  const auto range = kv::memberships_after(kRawUser, {});
  auto entry = entries_.lower_bound(range.begin);
  for (std::int64_t room = 0; entry != entries_.end() && entry->first < range.end; ++entry) {
    page_.push_back(entry->second);
    page_.push_back(entries_.find(kv::head_key(raw_room(room)))->second);
    page_.push_back(entries_.find(kv::member_key(raw_room(room), kRawUser))->second);
    ++room;
  }
  return page_.size();
}

}  // namespace msg::bench
