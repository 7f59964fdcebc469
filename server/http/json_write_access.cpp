// SPDX-License-Identifier: Apache-2.0
// Who may come in: sessions and API keys.
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
  JsonObject(out).id("id", key.id).text("name", key.name).time("created_at", key.created_at);
}

}  // namespace msgd
