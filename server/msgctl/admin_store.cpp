// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "msg/administration.h"
#include "msg/messenger.h"
#include "msgctl/admin.h"
#include "msgctl/json.h"
#include "msgctl/people.h"

namespace msgctl {
namespace {

/// The library's errors are ours: same codes, same sentences.
template <class T>
Outcome<T> outcome(msg::Result<T> result) {
  if (!result) {
    return refused(std::string{msg::to_string(result.error().code)}, result.error().detail);
  }
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

class StoreAdmin final : public Admin {
 public:
  explicit StoreAdmin(std::unique_ptr<msg::Messenger> messenger)
      : messenger_(std::move(messenger)) {}

  Outcome<msg::User> add_user(const msg::NewUser& user) override {
    return outcome(administration().register_user(user));
  }
  Outcome<msg::Page<msg::User>> list_users(const msg::PageRequest& request) override {
    return outcome(messenger_->list_users(request));
  }
  Outcome<msg::User> find_user(std::string_view who) override {
    switch (kind_of(who)) {
      case WhoKind::id:
        return outcome(messenger_->load_user(msg::UserId{digits(who)}));
      case WhoKind::phone:
        return outcome(messenger_->load_user_by_phone(who));
      case WhoKind::username:
        return outcome(messenger_->load_user_by_username(who));
    }
    return refused("not_found", "There is no such user.");
  }
  Outcome<msg::NewSession> create_session(msg::UserId user, const std::string& device) override {
    return outcome(administration().create_session(user, device));
  }
  Outcome<std::vector<msg::Session>> list_sessions(msg::UserId user) override {
    return outcome(messenger_->list_sessions(user));
  }
  Outcome<void> revoke_session(msg::UserId user, msg::SessionId session) override {
    return outcome(administration().revoke_session(user, session));
  }
  Outcome<msg::NewApiKey> create_key(const std::string& name,
                                     std::optional<msg::KeyScopes> scopes) override {
    return outcome(administration().create_key(name, scopes));
  }
  Outcome<std::vector<msg::ApiKey>> list_keys() override {
    return outcome(messenger_->list_api_keys());
  }
  Outcome<void> revoke_key(msg::ApiKeyId key) override {
    return outcome(administration().revoke_key(key));
  }

  Outcome<msg::Page<msg::AuditEntry>> list_audit(const msg::PageRequest& request) override {
    return outcome(administration().list_audit(request));
  }

 private:
  msg::Administration administration() { return {*messenger_, {}}; }

  std::unique_ptr<msg::Messenger> messenger_;
};

}  // namespace

Outcome<std::unique_ptr<Admin>> open_store_admin(const std::string& url) {
  MSG_TRY(auto messenger, outcome(msg::open(url)));
  return std::make_unique<StoreAdmin>(std::move(messenger));
}

}  // namespace msgctl
