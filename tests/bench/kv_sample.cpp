// SPDX-License-Identifier: Apache-2.0
#include "kv_sample.h"

#include "sample.h"
#include "store/kv/kv_codec.h"

namespace msg::bench {

KvSample::KvSample() {
  constexpr int kMessages = 8191;  // a prime: no pattern of rooms meets the same text again
  constexpr Version kVersion{std::int64_t{1'800'000'000'000} << 16};
  for (int i = 0; i < kMessages; ++i) {
    Message message;
    message.id = {.conversation = raw_room(0), .seq = Seq{1}};
    message.sender = kRawUser;
    message.content = sample_text(i);
    message.client_id = "key-" + std::to_string(1'000'000 + i);
    message.version = Version{to_int(kVersion) + i};
    message.created_at = time_of(message.version);
    messages.push_back(kv::encode_message(message));
  }
  idempotency = kv::encode_idempotency({.request_hash = {1, 2, 3}, .seq = Seq{100'000}});
  ConversationRow row;
  row.kind = ConversationKind::group;
  row.title = "Room";
  row.created_at = time_of(kVersion);
  row.activity = row.version = kVersion;
  row.senders = {{kRawUser, 100'000}};
  head = kv::encode_conversation(row);
  MemberRow record;
  record.joined_at = row.created_at;
  record.version = kVersion;
  member = kv::encode_member(record);
  membership = kv::encode_membership({.user = {}, .conversation = {}, .version = kVersion});
}

}  // namespace msg::bench
