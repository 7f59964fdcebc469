// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "msg/status.h"
#include "msgctl/admin.h"
#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {
namespace {

namespace json = boost::json;

class HttpAdmin final : public Admin {
 public:
  explicit HttpAdmin(Api api) : api_(std::move(api)) {}

  Outcome<msg::User> add_user(const msg::NewUser& user) override {
    json::object body{{"phone", user.phone}};
    if (user.username) body["username"] = *user.username;
    if (!user.display_name.empty()) body["display_name"] = user.display_name;
    if (!user.about.empty()) body["about"] = user.about;
    MSG_TRY(const auto made, api_.post("/users", body));
    return read_user(made);
  }

  Outcome<msg::Page<msg::User>> list_users(const msg::PageRequest& request) override {
    const std::string limit = request.limit > 0 ? std::to_string(request.limit) : std::string{};
    MSG_TRY(const auto answer, api_.get("/users", {{"limit", limit}, {"cursor", request.cursor}}));
    const auto& page = object_at(answer, "page");
    msg::Page<msg::User> users;
    users.items = read_items(answer, read_user);
    users.next = text_at(page, "next");
    users.has_more = flag_at(page, "has_more");
    return users;
  }

  Outcome<msg::User> find_user(std::string_view who) override {
    return msgctl::find_user(api_, who);
  }

  Outcome<msg::NewSession> create_session(msg::UserId user, const std::string& device) override {
    json::object body;
    if (!device.empty()) body["device_name"] = device;
    MSG_TRY(const auto made, api_.post("/users/" + to_text(user) + "/sessions", body));
    return msg::NewSession{.session = read_session(object_at(made, "session")),
                           .token = text_at(made, "token")};
  }

  Outcome<std::vector<msg::Session>> list_sessions(msg::UserId user) override {
    MSG_TRY(const auto answer, acting_as(user).get("/sessions"));
    return read_items(answer, read_session);
  }

  Outcome<void> revoke_session(msg::UserId user, msg::SessionId session) override {
    MSG_CHECK(acting_as(user).remove("/sessions/" + to_text(session)));
    return {};
  }

  Outcome<msg::NewApiKey> create_key(const std::string& name,
                                     std::optional<msg::KeyScopes> scopes) override {
    json::object body{{"name", name}};
    if (scopes) {
      json::array words;
      for (const msg::KeyScope scope : msg::kKeyScopes) {
        if (scopes->has(scope)) words.emplace_back(msg::to_string(scope));
      }
      body["scopes"] = std::move(words);
    }
    MSG_TRY(const auto made, api_.post("/keys", body));
    return msg::NewApiKey{.key = read_api_key(object_at(made, "key")),
                          .secret = text_at(made, "secret")};
  }

  Outcome<std::vector<msg::ApiKey>> list_keys() override {
    MSG_TRY(const auto answer, api_.get("/keys"));
    return read_items(answer, read_api_key);
  }

  Outcome<void> revoke_key(msg::ApiKeyId key) override {
    MSG_CHECK(api_.remove("/keys/" + to_text(key)));
    return {};
  }

  Outcome<msg::Page<msg::AuditEntry>> list_audit(const msg::PageRequest& request) override {
    const std::string limit = request.limit > 0 ? std::to_string(request.limit) : std::string{};
    MSG_TRY(const auto answer, api_.get("/audit", {{"limit", limit}, {"cursor", request.cursor}}));
    const auto& place = object_at(answer, "page");
    msg::Page<msg::AuditEntry> page;
    page.items = read_items(answer, read_audit_entry);
    page.next = text_at(place, "next");
    page.has_more = flag_at(place, "has_more");
    return page;
  }

 private:
  Api acting_as(msg::UserId user) const {
    return api_.as({.bearer = api_.access().bearer, .user_id = to_text(user)});
  }

  Api api_;
};

}  // namespace

std::unique_ptr<Admin> make_http_admin(Api api) {
  return std::make_unique<HttpAdmin>(std::move(api));
}

}  // namespace msgctl
