// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"
#include "routes/send.h"

namespace msgd {
Outcome<void> send_message(const Call& call, Answer answer) {
  MSG_TRY(auto fields, read_send(call, Addressing::user_or_group));
  MSG_TRY(fields.draft.sender, call.actor(fields.sender, "/sender_id"));
  MSG_TRY(fields.draft.conversation, resolve(call.messenger(), fields));
  send(call, std::move(fields.draft), append_sent, std::move(answer));
  return {};
}

Outcome<void> send_to_conversation(const Call& call, Answer answer) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(auto fields, read_send(call, Addressing::none));
  MSG_TRY(fields.draft.sender, call.actor(fields.sender, "/sender_id"));
  fields.draft.conversation = conversation;
  send(call, std::move(fields.draft), append_sent, std::move(answer));
  return {};
}

}  // namespace msgd
