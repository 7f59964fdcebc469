// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "routes/handlers.h"
#include "routes/read_requests.h"

namespace msgd {
namespace {

/// client_id may stand in the body or in the header; both must then say the same.
void read_idempotency_key(const Request& request, DraftFields& fields, FieldProblems& problems) {
  const auto header = request.header("idempotency-key");
  if (!header) return;
  if (header->empty()) {
    problems.push_back({"Idempotency-Key", "Must be 1 to 128 printable ASCII characters."});
  } else if (!fields.draft.client_id.empty() && fields.draft.client_id != *header) {
    problems.push_back({"/client_id", "Differs from the header Idempotency-Key."});
  }
  fields.draft.client_id = *header;
}

Outcome<DraftFields> read_request(const Call& call, Addressing addressing) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto fields = read_draft(reader, addressing);
  read_idempotency_key(call.request, fields, problems);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return fields;
}

void send(const Call& call, msg::Draft draft, Answer answer) {
  Metrics& metrics = call.services.metrics;
  call.messenger().send_async(
      std::move(draft), [&metrics, answer = std::move(answer)](msg::Result<msg::Message> sent) {
        if (!sent) return answer(std::unexpected(Problem{std::move(sent).error()}));
        metrics.sends_acknowledged.fetch_add(1, std::memory_order_relaxed);
        answer(json_response(201, [&](std::string& out) { append_sent(out, std::move(*sent)); }));
      });
}

}  // namespace

Outcome<void> send_message(const Call& call, Answer answer) {
  MSG_TRY(auto fields, read_request(call, Addressing::user_or_group));
  MSG_TRY(fields.draft.sender, call.actor(fields.sender, "/sender_id"));
  MSG_TRY(fields.draft.conversation, resolve(call.messenger(), fields));
  send(call, std::move(fields.draft), std::move(answer));
  return {};
}

Outcome<void> send_to_conversation(const Call& call, Answer answer) {
  MSG_TRY(const auto conversation, call.path_id<msg::ConversationId>(0));
  MSG_TRY(auto fields, read_request(call, Addressing::none));
  MSG_TRY(fields.draft.sender, call.actor(fields.sender, "/sender_id"));
  fields.draft.conversation = conversation;
  send(call, std::move(fields.draft), std::move(answer));
  return {};
}

}  // namespace msgd
