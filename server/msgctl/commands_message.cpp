// SPDX-License-Identifier: Apache-2.0
#include <boost/json/object.hpp>
#include <utility>

#include "msg/status.h"
#include "msgctl/commands.h"
#include "msgctl/conversation.h"
#include "msgctl/json.h"
#include "msgctl/people.h"
#include "msgctl/text.h"
#include "msgctl/user_context.h"

namespace msgctl {
namespace {

std::string path_of(const std::string& message, std::string_view below = {}) {
  return "/messages/" + url_escape(message) + std::string{below};
}

/// What became of a message, as history would show it.
std::string answer(const UserContext& context, const boost::json::object& changed) {
  if (context.json) return json_line(changed);
  const auto message = read_message(changed);
  return "#" + to_text(message.id.seq) + "  " + one_line(message) + '\n';
}

Outcome<std::string> carry_out(const UserContext& context, const Edit& command) {
  MSG_TRY(const auto changed,
          context.api.patch(path_of(command.message), {{"content", command.text}}));
  return answer(context, changed);
}

Outcome<std::string> carry_out(const UserContext& context, const Delete& command) {
  MSG_TRY(const auto changed, context.api.remove(path_of(
                                  command.message, command.for_me ? "?for=me" : "?for=everyone")));
  return answer(context, changed);
}

Outcome<std::string> carry_out(const UserContext& context, const Status& command) {
  MSG_TRY(const auto status, context.api.get(path_of(command.message, "/status")));
  if (context.json) return json_line(status);
  std::string out = text_at(status, "status") + ": " +
                    std::to_string(number_at(status, "recipient_count")) + " recipients, " +
                    std::to_string(number_at(status, "delivered_count")) + " delivered, " +
                    std::to_string(number_at(status, "read_count")) + " read\n";
  Names names(context.api);
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : array_at(status, "recipients")) {
    const auto* recipient = item.if_object();
    if (recipient == nullptr) continue;
    auto when = time_at(*recipient, "read_at");
    if (!when) when = time_at(*recipient, "delivered_at");
    rows.push_back({"  " + names.of(id_at<msg::UserId>(*recipient, "user_id")),
                    text_at(*recipient, "status"), when ? local_date_time(*when) : "-"});
  }
  return out + table(rows);
}

Outcome<std::string> carry_out(const UserContext& context, const Revisions& command) {
  MSG_TRY(const auto list, context.api.get(path_of(command.message, "/revisions")));
  if (context.json) return json_line(list);
  Names names(context.api);
  std::string out;
  for (const auto& item : array_at(list, "items")) {
    const auto* revision = item.if_object();
    const auto at = revision == nullptr ? std::nullopt : time_at(*revision, "at");
    if (!at) continue;
    out += local_date_time(*at) + "  " + names.of(id_at<msg::UserId>(*revision, "user_id")) + ": " +
           (flag_at(*revision, "deletion")
                ? "(deleted)"
                : printable(text_at(*revision, "content"), Newlines::replace)) +
           '\n';
  }
  return out;
}

Outcome<std::string> carry_out(const UserContext& context, const React& command) {
  if (command.undo) {
    MSG_TRY(const auto changed, context.api.remove(path_of(command.message, "/reactions?emoji=") +
                                                   url_escape(command.emoji)));
    return answer(context, changed);
  }
  MSG_TRY(const auto changed,
          context.api.post(path_of(command.message, "/reactions"), {{"emoji", command.emoji}}));
  return answer(context, changed);
}

Outcome<std::string> carry_out(const UserContext& context, const Pin& command) {
  const auto path = path_of(command.message, "/pin");
  MSG_TRY(const auto changed, command.undo ? context.api.remove(path) : context.api.post(path, {}));
  return answer(context, changed);
}

Outcome<std::string> carry_out(const UserContext& context, const Pins& command) {
  MSG_TRY(const auto conversation, find_conversation(context.api, command.target));
  MSG_TRY(const auto list, context.api.get("/conversations/" + to_text(conversation.id) + "/pins"));
  if (context.json) return json_line(list);
  Names names(context.api);
  std::string out;
  for (const auto& message : read_items(list, read_message)) {
    out += "#" + to_text(message.id.seq) + "  " + names.of(message.sender) + ": " +
           one_line(message) + '\n';
  }
  return out;
}

Outcome<std::string> carry_out(const UserContext& context, const Forward& command) {
  MSG_TRY(const auto conversation, find_conversation(context.api, command.target));
  boost::json::object body{{"conversation_id", to_text(conversation.id)}};
  if (!command.client_id.empty()) body["client_id"] = command.client_id;
  MSG_TRY(const auto sent, context.api.post(path_of(command.message, "/forward"), body));
  if (context.json) return json_line(sent);
  return text_at(sent, "id") + '\n';
}

Outcome<std::string> carry_out(const UserContext& context, const Read& command) {
  if (command.all) {
    if (!command.target.who.empty() || !command.target.group.empty()) {
      return bad_usage("--all is every conversation: name none.");
    }
    MSG_TRY(const auto done, context.api.post("/conversations/read", {}));
    if (context.json) return json_line(done);
    return std::to_string(number_at(done, "marked")) + " conversations\n";
  }
  MSG_TRY(const auto conversation, find_conversation(context.api, command.target));
  if (conversation.last_seq == msg::Seq{}) return std::string{"nothing to read\n"};
  MSG_TRY(const auto self, context.api.post("/conversations/" + to_text(conversation.id) + "/read",
                                            {{"seq", msg::to_int(conversation.last_seq)}}));
  if (context.json) return json_line(self);
  return "read up to #" + std::to_string(number_at(self, "read")) + '\n';
}

}  // namespace

Outcome<std::string> run(const Globals& globals, const MessageCommand& command) {
  MSG_TRY(const auto context, user_context(globals));
  return std::visit([&](const auto& one) { return carry_out(context, one); }, command);
}

}  // namespace msgctl
