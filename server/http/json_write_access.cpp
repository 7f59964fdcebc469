// SPDX-License-Identifier: Apache-2.0
// Who may come in: sessions and API keys.
#include <string>
#include <string_view>
#include <vector>

#include "http/json_write.h"

namespace msgd {
namespace {

void put_session(JsonObject& json, const msg::Session& session) {
  json.id("id", session.id)
      .id("user_id", session.user)
      .text("device_name", session.device_name)
      .time("created_at", session.created_at)
      .time("last_seen_at", session.last_seen_at);
}

}  // namespace

void append_session(std::string& out, const msg::Session& session) {
  JsonObject json(out);
  put_session(json, session);
}

void append_own_session(std::string& out, const msg::Session& session, bool is_current) {
  JsonObject json(out);
  put_session(json, session);
  json.boolean("current", is_current);
}

void append_api_key(std::string& out, const msg::ApiKey& key) {
  std::vector<std::string_view> scopes;
  for (const msg::KeyScope scope : msg::kKeyScopes) {
    if (key.scopes.has(scope)) scopes.push_back(msg::to_string(scope));
  }
  JsonObject(out)
      .id("id", key.id)
      .text("name", key.name)
      .array("scopes", scopes, append_json_string)
      .time("created_at", key.created_at);
}

void append_audit_entry(std::string& out, const msg::AuditEntry& entry) {
  JsonObject json(out);
  const auto put = [&](std::string_view name, const auto& id) {
    if (id) {
      json.id(name, *id);
    } else {
      json.null(name);
    }
  };
  json.text("id", std::to_string(entry.id)).time("at", entry.at).text("act", to_string(entry.act));
  put("by_key_id", entry.by);
  json.text_or_null("by_name", entry.by_name).text_or_null("address", entry.address);
  put("user_id", entry.user);
  put("session_id", entry.session);
  put("key_id", entry.key);
  json.text_or_null("detail", entry.detail);
}

}  // namespace msgd
