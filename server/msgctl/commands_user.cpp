// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json/array.hpp>
#include <iterator>
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

namespace json = boost::json;

std::string if_positive(std::int64_t value) {
  return value > 0 ? std::to_string(value) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const Send& command) {
  const bool group = !command.group.empty();
  if (command.words.size() != (group ? 1 : 2)) {
    return bad_usage(group ? "With --group, give one argument: the text."
                           : "Give the recipient and the text, the text in quotes.");
  }
  json::object body{{"content", command.words.back()}};
  if (group) {
    body["group_id"] = command.group;
  } else {
    MSG_TRY(const auto peer, find_user(context.api, command.words.front()));
    body["receiver_id"] = to_text(peer.id);
  }
  if (!command.client_id.empty()) body["client_id"] = command.client_id;
  // A key names its user in the body here; a session needs no name.
  if (!context.api.access().user_id.empty()) body["sender_id"] = context.api.access().user_id;
  MSG_TRY(const auto sent, context.api.post("/messages", body));
  if (context.json) return json_line(sent);
  return text_at(sent, "id") + '\n';
}

Outcome<std::string> carry_out(const UserContext& context, const History& command) {
  if (command.order != "asc" && command.order != "desc") {
    return bad_usage("--order is asc or desc.");
  }
  MSG_TRY(const auto conversation, find_conversation(context.api, command.target));
  MSG_TRY(const auto page,
          context.api.get("/conversations/" + to_text(conversation.id) + "/messages",
                          {{"limit", if_positive(command.limit)},
                           {"before", if_positive(command.before)},
                           {"order", command.order}}));
  if (context.json) return json_line(page);
  auto messages = read_items(page, read_message);
  if (command.order == "desc") std::ranges::reverse(messages);  // people read downwards
  Names names(context.api);
  std::string out;
  for (const auto& message : messages) {
    out += "#" + to_text(message.id.seq) + "  " + local_date_time(message.created_at) + "  " +
           names.of(message.sender) + ": " + one_line(message);
    if (message.state) out += "  (" + std::string{msg::to_string(*message.state)} + ")";
    out += '\n';
  }
  return out;
}

/// The title of a group, or the other one of a direct conversation.
std::string title_of(const msg::ConversationView& view, Names& names) {
  if (view.conversation.kind == msg::ConversationKind::group) {
    return printable(view.conversation.title, Newlines::replace);
  }
  for (const auto user : view.conversation.direct_users) {
    if (user != view.self.user) return names.of(user);
  }
  return names.of(view.self.user) + " (notes to self)";
}

Outcome<std::string> carry_out(const UserContext& context, const Conversations& command) {
  MSG_TRY(const auto page,
          context.api.get("/conversations", {{"limit", if_positive(command.limit)}}));
  if (context.json) return json_line(page);
  Names names(context.api);
  std::vector<std::vector<std::string>> rows{{"CONVERSATION", "KIND", "WITH", "UNREAD", "LAST"}};
  for (const auto& view : read_items(page, read_view)) {
    rows.push_back({to_text(view.conversation.id),
                    std::string{msg::to_string(view.conversation.kind)}, title_of(view, names),
                    std::to_string(view.unread_count),
                    view.last_message ? one_line(*view.last_message) : "-"});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const UserContext& context, const GroupNew& command) {
  json::array ids;
  for (const auto& who : command.members) {
    MSG_TRY(const auto user, find_user(context.api, who));
    ids.emplace_back(to_text(user.id));
  }
  const json::object body{
      {"kind", "group"}, {"title", command.title}, {"user_ids", std::move(ids)}};
  MSG_TRY(const auto made, context.api.post("/conversations", body));
  if (context.json) return json_line(made);
  return text_at(made, "id") + '\n';
}

Outcome<std::string> carry_out(const UserContext& context, const Sync& command) {
  MSG_TRY(const auto page, context.api.get("/sync", {{"cursor", command.cursor}}));
  if (context.json) return json_line(page);
  Names names(context.api);
  std::string out;
  for (const auto& item : array_at(page, "conversations")) {
    const auto* delta = item.if_object();
    if (delta == nullptr) continue;
    const auto view = read_view(object_at(*delta, "view"));
    out += to_text(view.conversation.id) + "  " + title_of(view, names) + ", " +
           std::to_string(view.unread_count) + " unread\n";
    for (const auto& message : read_items(*delta, read_message, "messages")) {
      out += "  #" + to_text(message.id.seq) + "  " + names.of(message.sender) + ": " +
             one_line(message) + '\n';
    }
  }
  out += "cursor  " + text_at(page, "cursor") + '\n';
  if (flag_at(page, "has_more")) out += "There is more: sync again from this cursor.\n";
  return out;
}

}  // namespace

Outcome<std::string> run(const Globals& globals, const UserCommand& command) {
  MSG_TRY(const auto context, user_context(globals));
  return std::visit([&](const auto& one) { return carry_out(context, one); }, command);
}

Outcome<std::string> run(const Globals& globals, const Health& /*command*/) {
  MSG_TRY(const auto settings, load_settings(globals));
  const Api api{settings.endpoint, {}, settings.timeout};
  MSG_TRY(const auto ready, api.get_plain("/readyz"));
  if (globals.json) return json_line(ready);
  return text_at(ready, "status") + '\n';
}

}  // namespace msgctl
