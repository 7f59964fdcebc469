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

msg::MessageId read_message_id(ObjectReader& in) {
  const auto id = msg::parse_message_id(in.required_string("message_id"));
  if (!id) in.refuse("message_id", "Must be the id of a message.");
  return id.value_or(msg::MessageId{});
}

Op read_forward_op(ObjectReader& in) {
  ForwardOp op{read_forward(in)};
  op.draft.message = read_message_id(in);
  return op;
}

Op read_edit(ObjectReader& in) {
  return EditOp{{.message = read_message_id(in), .content = in.required_string("content")}};
}

Op read_delete(ObjectReader& in) {
  const ForWhom whom = read_for_whom(in);
  return DeleteOp{.message = read_message_id(in), .whom = whom};
}

msg::Reaction read_reaction(ObjectReader& in) {
  return {.message = read_message_id(in), .emoji = in.required_string("emoji")};
}

Op read_react(ObjectReader& in) {
  return ReactOp{.reaction = read_reaction(in)};
}

Op read_unreact(ObjectReader& in) {
  return ReactOp{.reaction = read_reaction(in), .remove = true};
}

Op read_pin(ObjectReader& in) {
  return PinOp{.message = read_message_id(in)};
}

Op read_unpin(ObjectReader& in) {
  return PinOp{.message = read_message_id(in), .remove = true};
}

/// A message by its id, or by conversation and seq.
msg::MessageId read_place(ObjectReader& in) {
  if (!in.has("message_id")) {
    return {.conversation = in.required_id<msg::ConversationId>("conversation_id"),
            .seq = in.required_seq("seq")};
  }
  if (in.has("conversation_id") || in.has("seq")) {
    in.refuse("message_id", "Give either message_id or conversation_id and seq.");
  }
  return read_message_id(in);
}

Op read_mark(ObjectReader& in, msg::MessageState state) {
  const auto place = read_place(in);
  return MarkOp{{.conversation = place.conversation, .state = state, .up_to = place.seq}};
}

Op read_read_all(ObjectReader& /*in*/) {
  return ReadAllOp{};
}

Op read_unread(ObjectReader& in) {
  const auto place = read_place(in);
  return UnreadOp{.conversation = place.conversation, .from = place.seq};
}

Op read_receipts(ObjectReader& in) {
  auto request = read_receipts_request(in);
  request.message = read_message_id(in);
  return ReceiptsOp{std::move(request)};
}

Op read_sessions(ObjectReader& /*in*/) {
  return SessionsOp{};
}

Op read_close_session(ObjectReader& in) {
  return CloseSessionOp{in.required_id<msg::SessionId>("session_id")};
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
constexpr auto kOps = std::to_array<OpReader>({
    {"hello", read_hello},
    {"send", read_send},
    {"forward", read_forward_op},
    {"edit", read_edit},
    {"delete", read_delete},
    {"react", read_react},
    {"unreact", read_unreact},
    {"pin", read_pin},
    {"unpin", read_unpin},
    {"delivered", read_delivered},
    {"read", read_read},
    {"read_all", read_read_all},
    {"unread", read_unread},
    {"receipts", read_receipts},
    {"sessions", read_sessions},
    {"close_session", read_close_session},
    {"typing", read_typing},
    {"recording", read_recording},
    {"presence", read_presence},
    {"away", read_away},
    {"history", read_history_op},
    {"conversations", read_conversations},
    {"open_direct", read_open_direct},
    {"ping", read_ping},
});

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

void put_reaction(JsonObject& json, const msg::ReactionChange& reaction) {
  json.value("reaction", [&](std::string& out) {
    JsonObject(out)
        .id("user_id", reaction.user)
        .text("emoji", reaction.emoji)
        .boolean("removed", reaction.removed);
  });
}

}  // namespace

std::vector<std::string_view> op_names() {
  std::vector<std::string_view> names;
  for (const OpReader& reader : kOps) names.push_back(reader.name);
  return names;
}

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

RateClass rate_class(const WsRequest& request) {
  const auto is = [&]<class... Ops>() { return (std::holds_alternative<Ops>(request.op) || ...); };
  if (is.operator()<SendOp, ForwardOp, EditOp, DeleteOp, ReactOp, PinOp>()) return RateClass::sends;
  if (is.operator()<OpenDirectOp>()) return RateClass::groups;
  return RateClass::other;
}

bool is_scan(const WsRequest& request) {
  return std::holds_alternative<HistoryOp>(request.op) ||
         std::holds_alternative<ConversationsOp>(request.op) ||
         std::holds_alternative<ReceiptsOp>(request.op);
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
                        [](const msg::MessageChangeEvent&) { return "message_changed"; },
                        [](const msg::MemberEvent&) { return "member"; },
                        [](const msg::ReceiptEvent&) { return "receipt"; },
                        [](const msg::ConversationEvent&) { return "conversation"; },
                        [](const msg::HideEvent&) { return "message_hidden"; },
                        [](const msg::UnreadEvent&) { return "unread"; },
                        [](const msg::PreferencesEvent&) { return "preferences"; },
                        [](const msg::TypingEvent& e) {
                          return e.activity == msg::Activity::recording ? "recording" : "typing";
                        },
                    },
                    event.body);
}

std::string event_text(const msg::Event& event, ClientId client_id) {
  std::string out;
  const auto reserve = [&](const msg::Message& m) { out.reserve(m.content.size() + 640); };
  if (const auto* sent = std::get_if<msg::MessageEvent>(&event.body)) reserve(sent->message);
  if (const auto* changed = std::get_if<msg::MessageChangeEvent>(&event.body)) {
    reserve(changed->message);
  }
  JsonObject json(out);
  json.text("event", event_name(event));
  put_place(json, event);
  std::visit(
      Overloaded{
          [&](const msg::MessageEvent& e) {
            json.value("message", [&](std::string& o) { append_message(o, e.message, client_id); });
          },
          [&](const msg::MessageChangeEvent& e) {
            json.value("message", [&](std::string& o) { append_message(o, e.message, client_id); });
            if (e.reaction) put_reaction(json, *e.reaction);
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
          [&](const msg::HideEvent& e) { json.text("message_id", msg::to_string(e.message)); },
          [&](const msg::UnreadEvent& e) {
            json.seq("unread_from", e.mark.unread_from).number("unread_count", e.mark.unread_count);
          },
          [&](const msg::PreferencesEvent& e) {
            json.value("preferences",
                       [&](std::string& o) { append_preferences(o, e.preferences); });
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

std::string live_text(std::string_view cursor, std::string_view resumed) {
  std::string out;
  JsonObject(out).text("event", "live").text("cursor", cursor).text("resumed", resumed);
  return out;
}

}  // namespace msgd
