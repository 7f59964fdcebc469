// SPDX-License-Identifier: Apache-2.0
#include "routes/send.h"

#include <utility>

namespace msgd {

Outcome<DraftFields> read_send(const Call& call, Addressing addressing) {
  MSG_TRY(const auto body, call.body());
  FieldProblems problems;
  ObjectReader reader(body, problems);
  auto fields = read_draft(reader, addressing);
  read_idempotency_key(call.request, "/client_id", fields, problems);
  if (!problems.empty()) return std::unexpected(invalid(std::move(problems)));
  return fields;
}

void send(const Call& call, msg::Draft draft, void (*write)(std::string& out, msg::Message message),
          Answer answer) {
  Metrics& metrics = call.services.metrics;
  call.messenger().send_async(std::move(draft), [&metrics, write, answer = std::move(answer)](
                                                    msg::Result<msg::Message> sent) {
    if (!sent) return answer(std::unexpected(Problem{std::move(sent).error()}));
    metrics.sends_acknowledged.fetch_add(1, std::memory_order_relaxed);
    answer(json_response(201, [&](std::string& out) { write(out, *std::move(sent)); }));
  });
}

}  // namespace msgd
