// SPDX-License-Identifier: Apache-2.0
#include <boost/json/serialize.hpp>
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

std::string group_path(const std::string& group, std::string_view what = {}) {
  return "/conversations/" + url_escape(group) + std::string{what};
}

json::object changes_of(const Rules& command) {
  json::object changes;
  for (const auto& [name, role] : {std::pair<const char*, const std::string&>{"send", command.send},
                                   {"add", command.add},
                                   {"rename", command.rename},
                                   {"pin", command.pin}}) {
    if (!role.empty()) changes[name] = role;
  }
  if (command.slow_mode >= 0) changes["slow_mode_s"] = command.slow_mode;
  if (command.members_max >= 0) changes["members_max"] = command.members_max;
  if (!command.history.empty()) changes["history_for_newcomers"] = command.history == "yes";
  return changes;
}

std::string words_of(const json::object& rules) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : rules) {
    const auto* text = value.if_string();
    rows.push_back({std::string{name}, text != nullptr ? printable(*text, Newlines::replace)
                                                       : json::serialize(value)});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const UserContext& context, const Rules& command) {
  const auto changes = changes_of(command);
  if (!changes.empty()) {
    MSG_TRY(const auto changed, context.api.patch(group_path(command.group, "/rules"), changes));
    return context.json ? json_line(changed) : words_of(object_at(changed, "rules"));
  }
  MSG_TRY(const auto view, context.api.get(group_path(command.group)));
  const auto& conversation = object_at(view, "conversation");
  return context.json ? json_line(conversation) : words_of(object_at(conversation, "rules"));
}

Outcome<std::string> carry_out(const UserContext& context, const Invite& command) {
  json::object wanted{{"needs_approval", command.approval}};
  if (command.lifetime > 0) wanted["lifetime_s"] = command.lifetime;
  if (command.uses > 0) wanted["uses_max"] = command.uses;
  MSG_TRY(const auto made, context.api.post(group_path(command.group, "/invitations"), wanted));
  return context.json ? json_line(made) : text_at(made, "token") + '\n';
}

Outcome<std::string> carry_out(const UserContext& context, const Invitations& command) {
  MSG_TRY(const auto all, context.api.get(group_path(command.group, "/invitations")));
  if (context.json) return json_line(all);
  Names names(context.api);
  std::vector<std::vector<std::string>> rows{{"TOKEN", "BY", "UNTIL", "USES LEFT", "APPROVAL"}};
  for (const auto& item : array_at(all, "items")) {
    const auto* one = item.if_object();
    if (one == nullptr) continue;
    const auto until = time_at(*one, "expires_at");
    const auto uses = number_at(*one, "uses_left");
    rows.push_back({printable(text_at(*one, "token"), Newlines::replace),
                    names.of(id_at<msg::UserId>(*one, "created_by")),
                    until ? local_date_time(*until) : "-", uses > 0 ? std::to_string(uses) : "any",
                    flag_at(*one, "needs_approval") ? "yes" : "no"});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const UserContext& context, const InvitationRevoke& command) {
  MSG_TRY(const auto answer, context.api.remove("/invitations/" + url_escape(command.token)));
  return context.json ? json_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const Join& command) {
  MSG_TRY(const auto answer, context.api.post("/conversations/join", {{"token", command.token}}));
  if (context.json) return json_line(answer);
  const std::string joined = text_at(answer, "conversation_id");
  return joined.empty() ? "You have asked to join.\n" : joined + '\n';
}

/// People and times: who asks, or who is blocked.
std::string list_people(const UserContext& context, const json::object& page) {
  Names names(context.api);
  std::vector<std::vector<std::string>> rows{{"USER", "NAME", "SINCE"}};
  for (const auto& item : array_at(page, "items")) {
    const auto* one = item.if_object();
    if (one == nullptr) continue;
    const auto user = id_at<msg::UserId>(*one, "user_id");
    const auto at = time_at(*one, "at");
    rows.push_back({to_text(user), names.of(user), at ? local_date_time(*at) : "-"});
  }
  return table(rows);
}

/// All pages as one.
Outcome<std::string> list_all(const UserContext& context, const std::string& path) {
  json::object all{{"items", json::array{}}};
  for (std::string cursor;;) {
    MSG_TRY(const auto page, context.api.get(path, {{"limit", "200"}, {"cursor", cursor}}));
    for (const auto& item : array_at(page, "items")) all["items"].as_array().push_back(item);
    cursor = text_at(object_at(page, "page"), "next");
    if (!flag_at(object_at(page, "page"), "has_more") || cursor.empty()) break;
  }
  return context.json ? json_line(all) : list_people(context, all);
}

Outcome<std::string> carry_out(const UserContext& context, const JoinRequests& command) {
  return list_all(context, group_path(command.group, "/join-requests"));
}

Outcome<std::string> carry_out(const UserContext& context, const JoinAnswer& command) {
  MSG_TRY(const auto user, find_user(context.api, command.who));
  const auto path = group_path(command.group, "/join-requests/" + to_text(user.id));
  MSG_TRY(const auto answer,
          command.let_in ? context.api.post(path, {}) : context.api.remove(path));
  return context.json ? json_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const Accept& command) {
  MSG_TRY(const auto conversation,
          find_conversation(context.api, {.who = command.who, .group = {}}));
  MSG_TRY(const auto answer, context.api.post(group_path(to_text(conversation.id), "/accept"), {}));
  return context.json ? json_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const BlockUser& command) {
  MSG_TRY(const auto user, find_user(context.api, command.who));
  MSG_TRY(const auto answer, context.api.put("/me/blocks/" + to_text(user.id)));
  return context.json ? json_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const UnblockUser& command) {
  MSG_TRY(const auto user, find_user(context.api, command.who));
  MSG_TRY(const auto answer, context.api.remove("/me/blocks/" + to_text(user.id)));
  return context.json ? json_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const UserContext& context, const Blocks& /*command*/) {
  return list_all(context, "/me/blocks");
}

}  // namespace

Outcome<std::string> run(const Globals& globals, const RulesCommand& command) {
  MSG_TRY(const auto context, user_context(globals));
  return std::visit([&](const auto& one) { return carry_out(context, one); }, command);
}

}  // namespace msgctl
