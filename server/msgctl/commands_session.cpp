// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>

#include "msg/status.h"
#include "msgctl/commands.h"
#include "msgctl/json.h"
#include "msgctl/text.h"

namespace msgctl {
namespace {

namespace json = boost::json;

struct SessionContext {
  Api api;
  bool json;
};

std::string answer_line(const json::object& answer) {
  return json::serialize(answer) + '\n';
}

/// A line of standard input. What is asked goes to standard error: the output is the token's.
Outcome<std::string> ask(const char* question) {
  std::fputs(question, stderr);
  std::string line;
  if (std::getline(std::cin, line)) return line;
  return bad_usage("Standard input ended before the answer.");
}

std::string make_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Outcome<std::string> carry_out(const SessionContext& context, const Login& command) {
  const std::string nonce = make_nonce();
  MSG_TRY(const auto asked,
          context.api.post("/auth/codes", {{"phone", command.phone}, {"device_nonce", nonce}}));
  MSG_TRY(const auto code, ask("Code: "));
  json::object body{{"request_id", text_at(asked, "request_id")},
                    {"device_nonce", nonce},
                    {"code", code},
                    {"device_name", command.device.empty() ? "msgctl" : command.device}};
  if (command.asks_pin) {
    MSG_TRY(const auto pin, ask("PIN: "));
    body["pin"] = pin;
  }
  if (command.new_account) body["begin_new_account"] = true;
  MSG_TRY(const auto in, context.api.post("/auth/sessions", body));
  return context.json ? answer_line(in) : text_at(in, "token") + '\n';
}

Outcome<std::string> carry_out(const SessionContext& context, const SessionList& /*command*/) {
  MSG_TRY(const auto answer, context.api.get("/sessions"));
  if (context.json) return answer_line(answer);
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : array_at(answer, "items")) {
    const auto* session = item.if_object();
    if (session == nullptr) continue;
    const auto used = time_at(*session, "last_seen_at");
    rows.push_back(
        {text_at(*session, "id"), printable(text_at(*session, "device_name"), Newlines::replace),
         used ? local_date_time(*used) : "-", flag_at(*session, "current") ? "this" : ""});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const SessionContext& context, const SessionRename& command) {
  MSG_TRY(const auto answer, context.api.patch("/sessions/" + url_escape(command.session),
                                               {{"device_name", command.name}}));
  return context.json ? answer_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const SessionContext& context, const SessionRevoke& command) {
  MSG_TRY(const auto answer, context.api.remove("/sessions/" + url_escape(command.session)));
  return context.json ? answer_line(answer) : std::string{};
}

Outcome<std::string> carry_out(const SessionContext& context,
                               const SessionRevokeOthers& /*command*/) {
  MSG_TRY(const auto answer, context.api.remove("/sessions"));
  return context.json ? answer_line(answer) : std::string{};
}

}  // namespace

Outcome<std::string> run(const Globals& globals, const SessionCommand& command) {
  if (!globals.store.empty()) return bad_usage("--store is for users, tokens and keys.");
  MSG_TRY(const auto settings, load_settings(globals));
  SessionContext context{Api{settings.endpoint, {}, settings.timeout}, globals.json};
  if (!std::holds_alternative<Login>(command)) {
    MSG_TRY(context.api, user_api(settings, globals.as));
  }
  return std::visit([&](const auto& one) { return carry_out(context, one); }, command);
}

}  // namespace msgctl
