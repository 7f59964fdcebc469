// SPDX-License-Identifier: Apache-2.0
// What a session on a WebSocket is told, and the JSON that bodies of requests are made of.
#include "live/ws_protocol.h"

#include <boost/json.hpp>

#include "fuzz/fuzz.h"
#include "http/json_read.h"
#include "routes/read_requests.h"

namespace msg::test {
namespace {

void take(std::string_view text, bool open) {
  msgd::WsProtocol protocol;
  if (open) {
    hold(protocol.take(R"({"id":1,"op":"hello"})").has_value(), "hello opens");
    protocol.greeted(true);
  }
  const auto taken = protocol.take(text);
  if (taken) {
    (void)msgd::rate_class(*taken);
    return;
  }
  const auto answer = msgd::error_text(taken.error().id, taken.error().problem);
  boost::system::error_code ec;
  const auto json = boost::json::parse(answer, ec);
  hold(!ec && json.is_object(), "a refusal is JSON");
  hold(taken.error().problem.status < 500, "no frame is a fault of the server");
}

void read_bodies(std::string_view text) {
  auto object = msgd::parse_object(text);
  if (!object) {
    hold(object.error().status == 400 || object.error().status == 413, "bad JSON is malformed");
    return;
  }
  const auto again = boost::json::serialize(*object);
  const auto reread = msgd::parse_object(again);
  hold(reread && *reread == *object, "what was read is read again");
  msgd::FieldProblems problems;
  msgd::ObjectReader reader(*object, problems);
  (void)msgd::read_draft(reader, msgd::Addressing::any);
  (void)msgd::read_forward(reader);
  (void)msgd::read_history(reader);
  (void)msgd::read_receipts_request(reader);
  (void)msgd::read_for_whom(reader);
  for (const auto& problem : problems) hold(!problem.pointer.empty(), "a mistake has a place");
}

}  // namespace

void fuzz(std::string_view input) {
  take(input, false);
  take(input, true);
  read_bodies(input);
}

}  // namespace msg::test
