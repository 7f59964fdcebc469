// SPDX-License-Identifier: Apache-2.0
#include "live/ws_protocol.h"

#include <array>
#include <utility>

#include "http/json_read.h"

namespace msgd {
namespace {

namespace json = boost::json;

constexpr std::int64_t kIdMax = std::int64_t{1} << 53;  // behind what JavaScript counts exactly
constexpr int kMalformedMax = 3;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

using Op = decltype(WsRequest::op);

Op read_hello(ObjectReader& in) {
  return HelloOp{.token = in.optional_string("token"),
                 .cursor = in.optional_string("cursor"),
                 .user = in.optional_id<msg::UserId>("user_id")};
}

Op read_send(ObjectReader& in) {
  return SendOp{read_draft(in, Addressing::any)};
}

Op read_mark(ObjectReader& in, msg::MessageState state) {
  return MarkOp{{.conversation = in.required_id<msg::ConversationId>("conversation_id"),
                 .state = state,
                 .up_to = in.required_seq("seq")}};
}

Op read_delivered(ObjectReader& in) {
  return read_mark(in, msg::MessageState::delivered);
}
Op read_read(ObjectReader& in) {
  return read_mark(in, msg::MessageState::read);
}

Op read_typing(ObjectReader& in) {
  return TypingOp{in.required_id<msg::ConversationId>("conversation_id"), msg::Activity::typing};
}

Op read_recording(ObjectReader& in) {
  return TypingOp{in.required_id<msg::ConversationId>("conversation_id"), msg::Activity::recording};
}

Op read_presence(ObjectReader& in) {
  if (!in.has("user_ids")) in.refuse("user_ids", "Is needed; [] for nobody.");
  return PresenceOp{in.optional_user_ids("user_ids")};
}

Op read_away(ObjectReader& in) {
  return AwayOp{in.required_boolean("away")};
}

Op read_history_op(ObjectReader& in) {
  HistoryOp op{read_history(in)};
  op.request.conversation = in.required_id<msg::ConversationId>("conversation_id");
  return op;
}

Op read_conversations(ObjectReader& in) {
  return ConversationsOp{read_page(in)};
}

Op read_open_direct(ObjectReader& in) {
  OpenDirectOp op{.user = in.optional_id<msg::UserId>("user_id"),
                  .username = in.optional_string("username")};
  if (in.has("user_id") == in.has("username")) {
    in.refuse("user_id", "Give either user_id or username.");
  }
  return op;
}

Op read_ping(ObjectReader& /*in*/) {
  return PingOp{};
}

struct OpReader {
  std::string_view name;
  Op (*read)(ObjectReader&);
};
constexpr std::array<OpReader, 12> kOps{{{"hello", read_hello},
                                         {"send", read_send},
                                         {"delivered", read_delivered},
                                         {"read", read_read},
                                         {"typing", read_typing},
                                         {"recording", read_recording},
                                         {"presence", read_presence},
                                         {"away", read_away},
                                         {"history", read_history_op},
                                         {"conversations", read_conversations},
                                         {"open_direct", read_open_direct},
                                         {"ping", read_ping}}};

std::optional<std::int64_t> find_id(const json::object& frame) {
  const auto* id = frame.if_contains("id");
  if (id == nullptr || !id->is_int64()) return std::nullopt;
  const std::int64_t number = id->get_int64();
  if (number < 0 || number >= kIdMax) return std::nullopt;
  return number;
}

/// What all events of the store begin with.
void put_place(JsonObject& out, const msg::Event& event) {
  out.id("conversation_id", event.conversation);
  if (event.version == msg::Version{}) {
    out.null("version");
  } else {
    out.id("version", event.version);
  }
  out.text_or_null("cursor", event.cursor);
}

}  // namespace

std::expected<WsRequest, WsRefusal> WsProtocol::take(std::string_view text) {
  auto frame = parse_object(text);
  if (!frame) return refuse_malformed(std::nullopt, std::move(frame).error());
  const auto id = find_id(*frame);
  if (!id) return refuse_malformed(id, malformed("A frame needs an id from 0 to 2^53-1."));
  const auto* name = frame->if_contains("op");
  const auto* op = name != nullptr ? name->if_string() : nullptr;
  if (op == nullptr) return refuse_malformed(id, malformed("A frame needs an op."));
  malformed_in_a_row_ = 0;

  const std::string_view op_name{op->data(), op->size()};
  const auto refuse = [&id](Problem problem) {
    return std::unexpected(WsRefusal{.id = id, .problem = std::move(problem)});
  };
  const auto* const reader = std::ranges::find(kOps, op_name, &OpReader::name);
  if (reader == kOps.end()) return refuse(invalid("/op", "There is no such op."));
  if (stage_ == Stage::awaiting_hello && op_name != "hello") {
    return refuse({401, "unauthenticated", "Say hello first."});
  }
  if (stage_ != Stage::awaiting_hello && op_name == "hello") {
    return refuse({409, "conflict", "Hello was said already."});
  }
  FieldProblems problems;
  ObjectReader in(*frame, problems);
  WsRequest request{.id = *id, .op = reader->read(in)};
  if (!problems.empty()) return refuse(invalid(std::move(problems)));
  if (op_name == "hello") stage_ = Stage::greeting;
  return request;
}

void WsProtocol::greeted(bool accepted) {
  stage_ = accepted ? Stage::open : Stage::awaiting_hello;
}

std::unexpected<WsRefusal> WsProtocol::refuse_malformed(std::optional<std::int64_t> id,
                                                        Problem problem) {
  ++malformed_in_a_row_;
  return std::unexpected(WsRefusal{
      .id = id, .problem = std::move(problem), .close = malformed_in_a_row_ >= kMalformedMax});
}

std::string ok_null_text(std::int64_t id) {
  std::string out;
  JsonObject(out).number("id", id).boolean("ok", true).null("result");
  return out;
}

std::string error_text(std::optional<std::int64_t> id, const Problem& problem) {
  std::string field = problem.field;
  if (!problem.errors.empty()) field = problem.errors.front().pointer.substr(1);
  std::string out;
  {
    JsonObject json(out);
    if (id) {
      json.number("id", *id);
    } else {
      json.null("id");
    }
    json.boolean("ok", false).value("error", [&](std::string& text) {
      JsonObject error(text);
      error.text("code", problem.code).text("detail", problem.detail);
      error.number("status", problem.status).text_or_null("field", field);
      if (problem.retry_after.count() > 0) {
        error.number("retry_after_ms", problem.retry_after.count());
      } else {
        error.null("retry_after_ms");
      }
    });
  }
  return out;
}

std::string_view event_name(const msg::Event& event) {
  return std::visit(Overloaded{
                        [](const msg::MessageEvent&) { return "message"; },
                        [](const msg::MemberEvent&) { return "member"; },
                        [](const msg::ReceiptEvent&) { return "receipt"; },
                        [](const msg::ConversationEvent&) { return "conversation"; },
                        [](const msg::TypingEvent& e) {
                          return e.activity == msg::Activity::recording ? "recording" : "typing";
                        },
                    },
                    event.body);
}

std::string event_text(const msg::Event& event, ClientId client_id) {
  std::string out;
  if (const auto* message = std::get_if<msg::MessageEvent>(&event.body)) {
    out.reserve(message->message.content.size() + 640);
  }
  JsonObject json(out);
  json.text("event", event_name(event));
  put_place(json, event);
  std::visit(Overloaded{
                 [&](const msg::MessageEvent& e) {
                   json.value("message",
                              [&](std::string& o) { append_message(o, e.message, client_id); });
                 },
                 [&](const msg::MemberEvent& e) {
                   json.value("member", [&](std::string& o) { append_member(o, e.member); });
                 },
                 [&](const msg::ReceiptEvent& e) {
                   json.value("member", [&](std::string& o) { append_member(o, e.member); });
                 },
                 [&](const msg::ConversationEvent& e) {
                   json.value("conversation",
                              [&](std::string& o) { append_conversation(o, e.conversation); });
                 },
                 [&](const msg::TypingEvent& e) {
                   json.id("user_id", e.user).number("expires_in_ms", e.expires_in.count());
                 },
             },
             event.body);
  return out;
}

std::string sync_text(const msg::ConversationDelta& delta, std::string_view cursor) {
  std::string out;
  JsonObject(out)
      .text("event", "sync")
      .value("conversation", [&](std::string& o) { append_delta(o, delta); })
      .text_or_null("cursor", cursor);
  return out;
}

std::string presence_text(const std::vector<msg::PersonPresence>& people) {
  std::string out;
  JsonObject(out).text("event", "presence").array("users", people, append_presence);
  return out;
}

std::string live_text(std::string_view cursor) {
  std::string out;
  JsonObject(out).text("event", "live").text("cursor", cursor);
  return out;
}

}  // namespace msgd
