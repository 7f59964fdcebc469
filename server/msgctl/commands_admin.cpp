// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "http/json_write.h"
#include "msg/status.h"
#include "msgctl/admin.h"
#include "msgctl/commands.h"
#include "msgctl/json.h"
#include "msgctl/people.h"
#include "msgctl/text.h"

namespace msgctl {
namespace {

constexpr int kPageMax = 200;

struct AdminContext {
  Admin& admin;
  bool json;
};

/// One object, in the words of docs/http-api.md, as a line.
template <class Write>
std::string line_of(Write write) {
  std::string out;
  write(out);
  return out + '\n';
}

template <class Items, class Write>
std::string items_line(const Items& items, Write write) {
  return line_of([&](std::string& out) { msgd::JsonObject(out).array("items", items, write); });
}

void append_user(std::string& out, const msg::User& user) {
  msgd::append_user(out, user, msgd::Phone::shown);
}

std::string shown(std::string_view text) {
  return printable(text, Newlines::replace);
}

std::string describe(const msg::User& user) {
  return table({{"id", to_text(user.id)},
                {"username", shown(user.username.value_or("-"))},
                {"name", shown(user.display_name)},
                {"phone", user.phone.empty() ? "-" : user.phone},
                {"about", user.about.empty() ? "-" : shown(user.about)},
                {"created", local_date_time(user.created_at)}});
}

template <class Id>
Outcome<Id> parse_id(std::string_view text) {
  const auto number = digits(text);
  if (number == 0) return bad_usage("An id is a number, not " + std::string{text} + ".");
  return Id{number};
}

/// Page by page, at most so many; 0 is all.
template <class T, class List>
Outcome<std::vector<T>> list_all(int at_most, List list) {
  std::vector<T> items;
  const auto limit = static_cast<std::size_t>(at_most);
  msg::PageRequest request{.limit = kPageMax, .cursor = {}};
  while (true) {
    if (limit > 0)
      request.limit = static_cast<int>(std::min<std::size_t>(limit - items.size(), kPageMax));
    MSG_TRY(auto page, list(request));
    std::ranges::move(page.items, std::back_inserter(items));
    if (!page.has_more || items.size() == limit) return items;
    request.cursor = std::move(page.next);
  }
}

Outcome<std::string> carry_out(const AdminContext& context, const UserAdd& command) {
  msg::NewUser user;
  user.phone = command.phone;
  if (!command.username.empty()) user.username = command.username;
  user.display_name = command.name;
  user.about = command.about;
  MSG_TRY(const auto made, context.admin.add_user(user));
  if (context.json) return line_of([&](std::string& out) { append_user(out, made); });
  return describe(made);
}

Outcome<std::string> carry_out(const AdminContext& context, const UserList& command) {
  MSG_TRY(const auto users,
          list_all<msg::User>(command.limit, [&](const msg::PageRequest& request) {
            return context.admin.list_users(request);
          }));
  if (context.json) return items_line(users, append_user);
  std::vector<std::vector<std::string>> rows{{"ID", "USERNAME", "PHONE", "NAME"}};
  for (const auto& user : users) {
    rows.push_back({to_text(user.id), shown(user.username.value_or("-")), user.phone,
                    shown(user.display_name)});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const AdminContext& context, const UserShow& command) {
  MSG_TRY(const auto user, context.admin.find_user(command.who));
  if (context.json) return line_of([&](std::string& out) { append_user(out, user); });
  return describe(user);
}

/// Only the token goes to standard output, so that TOKEN=$(msgctl token new …) works.
Outcome<std::string> carry_out(const AdminContext& context, const TokenNew& command) {
  MSG_TRY(const auto user, context.admin.find_user(command.who));
  MSG_TRY(const auto made, context.admin.create_session(user.id, command.device));
  if (!context.json) return made.token + '\n';
  return line_of([&](std::string& out) {
    msgd::JsonObject(out)
        .value("session", [&](std::string& o) { msgd::append_session(o, made.session); })
        .text("token", made.token);
  });
}

Outcome<std::string> carry_out(const AdminContext& context, const TokenList& command) {
  MSG_TRY(const auto user, context.admin.find_user(command.who));
  MSG_TRY(const auto sessions, context.admin.list_sessions(user.id));
  if (context.json) return items_line(sessions, msgd::append_session);
  std::vector<std::vector<std::string>> rows{{"SESSION", "CREATED", "DEVICE"}};
  for (const auto& session : sessions) {
    rows.push_back({to_text(session.id), local_date_time(session.created_at),
                    session.device_name.empty() ? "-" : shown(session.device_name)});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const AdminContext& context, const TokenRevoke& command) {
  MSG_TRY(const auto session, parse_id<msg::SessionId>(command.session));
  MSG_TRY(const auto user, context.admin.find_user(command.who));
  MSG_CHECK(context.admin.revoke_session(user.id, session));
  return context.json ? "{}\n" : "Revoked.\n";
}

Outcome<std::string> carry_out(const AdminContext& context, const KeyNew& command) {
  std::optional<msg::KeyScopes> scopes;
  for (const std::string& word : command.scopes) {
    const auto scope = msg::parse_key_scope(word);
    if (!scope) return bad_usage("There is no scope " + word + ".");
    if (!scopes) scopes.emplace();
    scopes->add(*scope);
  }
  MSG_TRY(const auto made, context.admin.create_key(command.name, scopes));
  if (!context.json) return made.secret + '\n';
  return line_of([&](std::string& out) {
    msgd::JsonObject(out)
        .value("key", [&](std::string& o) { msgd::append_api_key(o, made.key); })
        .text("secret", made.secret);
  });
}

Outcome<std::string> carry_out(const AdminContext& context, const KeyList& /*command*/) {
  MSG_TRY(const auto keys, context.admin.list_keys());
  if (context.json) return items_line(keys, msgd::append_api_key);
  std::vector<std::vector<std::string>> rows{{"KEY", "CREATED", "SCOPES", "NAME"}};
  for (const auto& key : keys) {
    std::string scopes;
    for (const msg::KeyScope scope : msg::kKeyScopes) {
      if (!key.scopes.has(scope)) continue;
      scopes += scopes.empty() ? "" : ",";
      scopes += msg::to_string(scope);
    }
    rows.push_back({to_text(key.id), local_date_time(key.created_at), scopes, shown(key.name)});
  }
  return table(rows);
}

Outcome<std::string> carry_out(const AdminContext& context, const KeyRevoke& command) {
  MSG_TRY(const auto key, parse_id<msg::ApiKeyId>(command.id));
  MSG_CHECK(context.admin.revoke_key(key));
  return context.json ? "{}\n" : "Revoked.\n";
}

std::string whom(const msg::AuditEntry& entry) {
  std::string words;
  const auto add = [&](std::string_view what, const auto& id) {
    if (!id) return;
    words += words.empty() ? "" : " ";
    words += std::string{what} + " " + to_text(*id);
  };
  add("user", entry.user);
  add("session", entry.session);
  add("key", entry.key);
  return words.empty() ? "-" : words;
}

Outcome<std::string> carry_out(const AdminContext& context, const AuditList& command) {
  MSG_TRY(const auto entries,
          list_all<msg::AuditEntry>(command.limit, [&](const msg::PageRequest& request) {
            return context.admin.list_audit(request);
          }));
  if (context.json) return items_line(entries, msgd::append_audit_entry);
  std::vector<std::vector<std::string>> rows{{"AT", "BY", "FROM", "ACT", "ON", "DETAIL"}};
  for (const auto& entry : entries) {
    rows.push_back({local_date_time(entry.at),
                    entry.by ? shown(entry.by_name) + " " + to_text(*entry.by) : "operator",
                    entry.address.empty() ? "-" : shown(entry.address),
                    std::string{to_string(entry.act)}, whom(entry),
                    entry.detail.empty() ? "-" : shown(entry.detail)});
  }
  return table(rows);
}

Outcome<std::unique_ptr<Admin>> make_admin(const Globals& globals) {
  if (!globals.store.empty()) return open_store_admin(globals.store);
  MSG_TRY(const auto settings, load_settings(globals));
  MSG_TRY(auto api, backend_api(settings));
  return make_http_admin(std::move(api));
}

}  // namespace

Outcome<std::string> run(const Globals& globals, const AdminCommand& command) {
  MSG_TRY(const auto admin, make_admin(globals));
  const AdminContext context{*admin, globals.json};
  return std::visit([&](const auto& one) { return carry_out(context, one); }, command);
}

}  // namespace msgctl
