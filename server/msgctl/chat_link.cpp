// SPDX-License-Identifier: Apache-2.0
#include "msgctl/chat_link.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <type_traits>
#include <utility>

#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr int kNewerPage = 200;
constexpr int kOlderPage = 30;
constexpr milliseconds kBackoffFirst{250};
constexpr milliseconds kBackoffMax{10'000};

/// N of "retry_after_ms=N"; zero when the reason says nothing of the kind.
milliseconds retry_after(std::string_view reason) {
  constexpr std::string_view kName = "retry_after_ms=";
  const auto at = reason.find(kName);
  if (at == std::string_view::npos) return {};
  const auto text = reason.substr(at + kName.size());
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(milliseconds{value}, milliseconds{0}, milliseconds{60'000});
}

Refusal read_refusal(const json::object& reply) {
  const auto& error = object_at(reply, "error");
  return {.code = text_at(error, "code"),
          .detail = text_at(error, "detail"),
          .retry_after = milliseconds{number_at(error, "retry_after_ms")}};
}

}  // namespace

AfterClose after_close(unsigned code, std::string_view reason) {
  switch (code) {
    case 4401:
      return {.retry = false, .why = "the token is expired or was revoked"};
    case 4503:
      return {.retry = false, .why = "this user has too many connections"};
    case 1012:
      return {.wait_min = retry_after(reason), .why = "the server restarts"};
    case 4429:
      return {.wait_min = retry_after(reason), .why = "this program asked too often"};
    case 1013:
      return {.wait_min = milliseconds{1000}, .why = "the server is overloaded"};
    case 4008:
      return {.why = "this program was too slow"};
    case 0:
      return {.why = reason.empty() ? "the connection broke" : std::string{reason}};
    default:
      break;
  }
  // Repeating what broke a rule of the protocol breaks it again.
  const bool ours = code == 1002 || code == 1003 || code == 1007 || code == 1008 || code == 1009;
  return {.retry = !ours && code < 4500,
          .why = "the server closed the connection: " + std::to_string(code) + " " +
                 std::string{reason}};
}

milliseconds Backoff::next(double random) {
  const auto full = std::min(kBackoffFirst * (1 << std::min(tries_, 6)), kBackoffMax);
  ++tries_;
  return full / 2 + milliseconds{static_cast<long>(static_cast<double>(full.count()) / 2 * random)};
}

// Out --------------------------------------------------------------------------------------------

std::string ChatLink::hello() {
  json::object fields{{"token", access_.bearer}};
  if (!access_.user_id.empty()) fields["user_id"] = access_.user_id;
  if (!cursor_.empty()) fields["cursor"] = cursor_;
  return request("hello", std::move(fields), Hello{});
}

std::string ChatLink::frame(const Ask& ask) {
  const auto conversation = to_text(conversation_);
  if (const auto* send = std::get_if<AskSend>(&ask)) {
    return request("send",
                   {{"conversation_id", conversation},
                    {"content", send->content},
                    {"client_id", send->client_id}},
                   ask);
  }
  if (const auto* mark = std::get_if<AskMark>(&ask)) {
    return request(msg::to_string(mark->state),
                   {{"conversation_id", conversation}, {"seq", msg::to_int(mark->up_to)}}, ask);
  }
  if (const auto* newer = std::get_if<AskNewer>(&ask)) {
    return request("history",
                   {{"conversation_id", conversation},
                    {"after", msg::to_int(newer->after)},
                    {"order", "asc"},
                    {"limit", kNewerPage}},
                   ask);
  }
  if (const auto* older = std::get_if<AskOlder>(&ask)) {
    return request("history",
                   {{"conversation_id", conversation},
                    {"before", msg::to_int(older->before)},
                    {"limit", kOlderPage}},
                   ask);
  }
  return request("typing", {{"conversation_id", conversation}}, ask);
}

std::string ChatLink::request(std::string_view op, json::object fields, Pending pending) {
  fields["id"] = ++last_id_;
  fields["op"] = op;
  pending_.emplace(last_id_, std::move(pending));
  return json::serialize(fields);
}

// In ---------------------------------------------------------------------------------------------

void ChatLink::take(std::string_view text, Moment now) {
  boost::system::error_code ec;
  const auto value = json::parse(text, ec);
  if (ec || !value.is_object()) return;
  const auto& frame = value.get_object();
  if (frame.contains("event")) {
    take_event(frame, now);
  } else {
    take_reply(frame, now);
  }
}

void ChatLink::closed(Moment now) {
  pending_.clear();
  live_ = false;
  model_.offline(now);
}

/// The cursor counts only once the event has been taken in.
void ChatLink::take_event(const json::object& event, Moment now) {
  const auto kind = text_at(event, "event");
  const bool ours = id_at<msg::ConversationId>(event, "conversation_id") == conversation_;
  if (kind == "message" && ours) {
    model_.message(read_message(object_at(event, "message")), now);
  } else if (kind == "message_changed" && ours) {
    model_.changed(read_message(object_at(event, "message")));
  } else if ((kind == "receipt" || kind == "member") && ours) {
    model_.member(read_member(object_at(event, "member")), now);
  } else if (kind == "typing" && ours) {
    model_.typing(id_at<msg::UserId>(event, "user_id"),
                  milliseconds{number_at(event, "expires_in_ms")}, now);
  } else if (kind == "sync") {
    take_sync(object_at(event, "conversation"), now);
  }
  if (auto cursor = text_at(event, "cursor"); !cursor.empty()) cursor_ = std::move(cursor);
  if (kind == "live") live_ = true;
}

void ChatLink::take_sync(const json::object& delta, Moment now) {
  const auto view = read_view(object_at(delta, "view"));
  if (view.conversation.id != conversation_) return;
  for (const auto& member : read_items(delta, read_member, "members")) model_.member(member, now);
  for (auto& message : read_items(delta, read_message, "messages")) {
    model_.message(std::move(message), now);
  }
}

void ChatLink::take_reply(const json::object& reply, Moment now) {
  const auto found = pending_.find(number_at(reply, "id"));
  if (found == pending_.end()) return;
  const Pending pending = std::move(pending_.extract(found).mapped());
  if (const auto* ask = std::get_if<Ask>(&pending)) return take_answer(*ask, reply, now);
  take_hello(reply);
}

void ChatLink::take_hello(const json::object& reply) {
  if (flag_at(reply, "ok")) return;
  const auto refusal = read_refusal(reply);
  if (!refusal.passing()) {
    refusal_ = Failure{Exit::refused, refusal.code, refusal.detail};
  }
}

void ChatLink::take_answer(const Ask& ask, const json::object& reply, Moment now) {
  const bool ok = flag_at(reply, "ok");
  const auto& result = object_at(reply, "result");
  const auto refusal = ok ? Refusal{} : read_refusal(reply);
  const bool more = flag_at(object_at(result, "page"), "has_more");
  if (const auto* send = std::get_if<AskSend>(&ask)) {
    if (ok) return model_.sent(read_message(result), now);
    model_.send_refused(send->client_id, refusal, now);
  } else if (const auto* mark = std::get_if<AskMark>(&ask)) {
    if (ok) return model_.marked(read_member(result), now);
    model_.mark_refused(*mark, refusal, now);
  } else if (std::holds_alternative<AskNewer>(ask)) {
    if (ok) return model_.newer(read_items(result, read_message), more, now);
    model_.fetch_refused(refusal, now);
  } else if (std::holds_alternative<AskOlder>(ask) && ok) {
    auto messages = read_items(result, read_message);
    std::ranges::reverse(messages);
    model_.older(std::move(messages), more);
  }
}

}  // namespace msgctl
